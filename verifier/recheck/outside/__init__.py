"""Programs of others, cvc5 and Coq: run as processes of their own, which can be ended."""
