"""How WeChat Pay writes, signs and encrypts what goes over the wire."""
