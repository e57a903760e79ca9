"""Where everything is put together; importing a module does nothing."""
