"""Customer groups 客户群: who is in them, the codes that lead there, their welcomes, invitations."""
