"""The eight stages of the flow, one module each, each with one function ``run``; none knows another."""
