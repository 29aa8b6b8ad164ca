"""The page beside chats in WeCom, where a member sees and keeps their own customers (侧边栏)."""
