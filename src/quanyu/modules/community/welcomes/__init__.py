"""Welcome messages of groups 入群欢迎语: templates the platform keeps, bound to groups."""
