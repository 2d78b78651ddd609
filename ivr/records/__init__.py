"""What is kept in a database: SQLite in `IVR_STATE`, or PostgreSQL by `IVR_DATABASE_URL`. No call ever waits for it."""
