"""What each IVOA standard says about HTTP, and nothing else: parameters in, bytes or a fault out."""
