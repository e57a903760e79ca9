"""What data subjects may ask for, and how it is carried out."""
