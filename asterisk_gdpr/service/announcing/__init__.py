"""What others are told and may ask over MQTT."""
