"""Both schemas' migrations: PostgreSQL by Alembic, the warehouse by ordered SQL files."""
