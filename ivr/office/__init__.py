"""The pages of the office: who may, what the line does today, and how it is closed. No call needs them."""
