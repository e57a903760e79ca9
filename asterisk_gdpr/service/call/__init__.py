"""What happens to one call, and to all calls of a node, from their arrival to their end."""
