"""Ways to run a plan, and what comes before and after: taking inputs in, writing outputs out."""
