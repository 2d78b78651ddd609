"""The listening room: where volunteers hear, correct and record what the line says (decision 28)."""
