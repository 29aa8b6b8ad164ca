"""Codes of the native library for the archive of chats: code | action, if not to give up | English | 中文.

Source: developer.work.weixin.qq.com, 获取会话内容 (path 91774), read 2026; what helps is general knowledge.
"""

from typing import Final

CODES: Final = """
10000 | | a parameter of the library call is wrong | 请求参数错误
10001 | retry | the library did not reach the platform | 网络请求错误
10002 | retry | the library could not read the platform's answer | 数据解析失败
10003 | retry | the library failed | 系统失败
10004 | | the key is wrong and nothing was decrypted | 密钥错误导致加密失败
10005 | | the file id is not valid | fileid 错误
10006 | | the message could not be decrypted | 解密失败
10007 | | there is no private key of this version | 找不到消息加密版本的私钥
10008 | | the encrypted random key is not valid | 解析 encrypt_key 出错
10009 | | our address is not one the archive trusts | IP 非法
10010 | | the data has expired | 数据过期
10011 | | the certificate is not valid | 证书错误
"""
