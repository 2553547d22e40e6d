"""From an example to input ids and labels, and the loss over them."""
