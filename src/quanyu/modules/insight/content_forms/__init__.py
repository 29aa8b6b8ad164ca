"""Content forms: whether people turn to articles, videos, live rooms, images or something else."""
