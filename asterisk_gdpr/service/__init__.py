"""What the product does, step by step: each module one act, told in terms of the roles in `ports`."""
