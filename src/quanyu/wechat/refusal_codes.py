"""The platform's error codes, one a line: code | action, if not to give up | English | 中文.

Source: developers.weixin.qq.com, 全局返回码说明 and the tables of the single calls (read 2026).
"""

from typing import Final

CODES: Final = """
-1 | retry | the platform is busy | 系统繁忙，请稍后重试
40001 | refresh | the access token is invalid or not the latest | access_token 无效或不是最新的
40002 | | invalid grant_type | grant_type 不合法
40003 | | the openid is not one of this account | OpenID 不属于该账号
40004 | | the media type is not valid | 媒体文件类型不合法
40005 | | the file type is not valid | 文件类型不合法
40006 | | the file is too large | 文件大小不合法
40007 | | the media id is invalid or has expired | media_id 无效或已过期
40008 | | this message type does not exist | 消息类型不合法
40009 | | the image is too large | 图片大小不合法
40010 | | the voice file is too large | 语音大小不合法
40011 | | the video is too large | 视频大小不合法
40012 | | the thumbnail is too large | 缩略图大小不合法
40013 | | the app id is wrong | AppID 不正确
40014 | refresh | the access token is malformed or unknown | access_token 不合法
40016 | | the number of menu buttons is not valid | 菜单按钮个数不合法
40017 | | the type of a menu button is not valid | 菜单按钮类型不合法
40018 | | the name of a menu button is not valid | 菜单按钮名称不合法
40019 | | the key of a menu button is not valid | 菜单按钮 KEY 不合法
40020 | | the link of a menu button is not valid | 菜单按钮 URL 不合法
40021 | | the menu version is not valid | 菜单版本号不合法
40022 | | the menu has too many levels | 子菜单级数不合法
40023 | | the number of sub-menu buttons is not valid | 子菜单按钮个数不合法
40024 | | the type of a sub-menu button is not valid | 子菜单按钮类型不合法
40025 | | the name of a sub-menu button is not valid | 子菜单按钮名称不合法
40026 | | the key of a sub-menu button is not valid | 子菜单按钮 KEY 不合法
40027 | | the link of a sub-menu button is not valid | 子菜单按钮 URL 不合法
40028 | | the user of the menu is not valid | 自定义菜单使用用户不合法
40029 | | the login code is invalid or has expired | 登录 code 无效或已过期
40030 | | the refresh token is not valid | refresh_token 不合法
40031 | | the list of openids is not valid | OpenID 列表不合法
40032 | | too many or no openids in one call | OpenID 数量超出限制
40033 | | letters are escaped or not allowed | 请求包含不合法的字符，不能使用 \\u 转义
40035 | | a parameter is not valid | 参数不合法
40036 | | the length of the template id is not valid | template_id 长度不合法
40037 | | the template id is not one of this account | 模板 ID 不属于该账号
40038 | | the request format is not valid | 请求格式不合法
40039 | | the length of the link is not valid | URL 长度不合法
40048 | | the domain of the link is not allowed | URL 域名不合法
40050 | | the group id is not valid | 分组 ID 不合法
40051 | | the group name is not valid | 分组名称不合法
40052 | | action_name is not valid | action_name 不合法
40053 | | action_info is not valid | action_info 不合法
40054 | | the domain of a menu link is not allowed | 菜单按钮 URL 域名不合法
40055 | | the domain of a sub-menu link is not allowed | 子菜单按钮 URL 域名不合法
40059 | | the message id is not valid | 群发消息 msg_id 不合法
40060 | | article_idx is not valid | article_idx 不合法
40065 | | the article is in a state that forbids deletion | 图文状态不允许删除
40066 | | the address is not valid | URL 不合法
40097 | | arguments are not valid | 参数错误
40102 | | the industry id is not valid | 行业 ID 不合法
40114 | | the index is not valid | index 参数不合法
40117 | | the tag or group name is not valid | 标签或分组名称不合法
40118 | | the media id has a wrong length | media_id 长度不合法
40119 | | the button type is wrong | 按钮类型错误
40120 | | the sub-button type is wrong | 子按钮类型错误
40121 | | the media id type is not valid | media_id 类型不合法
40125 | | the AppSecret is wrong | AppSecret 不正确
40129 | | the scene is not valid | scene 不合法
40130 | | a mass message needs at least two openids | 群发至少需要两个 OpenID
40132 | | the WeChat id is not valid | 微信号不合法
40137 | | the image format is not supported | 图片格式不支持
40152 | | the tag does not exist | 标签不存在
40155 | | a link leads to another account's home page | 不能添加其他账号的主页链接
40159 | | the length of the path is not valid | path 长度不合法
40163 | | the login code was used before | 登录 code 已被使用
40164 | | our address is not on the account's IP allow list | 服务器 IP 不在账号后台的 IP 白名单中
40165 | | the mini program page path is not valid | 小程序页面路径不合法
40169 | | the length of the scene is not valid | scene 长度不合法
40199 | | the tracking number or parcel does not exist | 运单或包裹不存在
40200 | | this account type may not call this | 账号类型不支持该接口
40201 | | no callback address is set | 未设置回调 URL
40202 | | the action must be dns, ping or all | action 只能为 dns、ping 或 all
40203 | | the operator must be one of the listed ones | check_operator 不合法
40204 | | this article must not be deleted | 该图文不允许删除
40211 | | the scope data is not valid | scope 数据不合法
40212 | | the query is not valid | query 不合法
40219 | | too many pages | pages 数量超过限制
40225 | | the page title is not valid | 页面标题不合法
40226 | | the person is rated as a high risk and may not log in | 高风险用户，登录被拦截
40227 | | the customer-service type must not be empty | 客服类型不能为空
40243 | | the AppSecret is frozen | AppSecret 已被冻结
40246 | | the keyword is not in the template library | 关键词不在模板库中
41001 | refresh | the access token is missing | 缺少 access_token
41002 | | the app id is missing | 缺少 appid
41003 | | the refresh token is missing | 缺少 refresh_token
41004 | | the AppSecret is missing | 缺少 secret
41005 | | the file is missing | 缺少多媒体文件数据
41006 | | the media id is missing | 缺少 media_id
41007 | | the sub-menu is missing | 缺少子菜单数据
41008 | | the login code is missing | 缺少 code
41009 | | the openid is missing | 缺少 openid
41018 | | component_appid is missing | 缺少 component_appid
41030 | | the page does not exist or is not published | 页面不存在或未发布
41039 | | content_source_url is not valid | content_source_url 不合法
42001 | refresh | the access token has expired | access_token 已过期
42002 | | the refresh token has expired | refresh_token 已过期
42003 | | the login code has expired | code 已过期
42007 | | the person changed the password: authorise again | 用户修改微信密码，需重新授权
42010 | back_off | called too fast | 操作过于频繁
43001 | | this call needs GET | 需要 GET 请求
43002 | | this call needs POST | 需要 POST 请求
43003 | | this call needs HTTPS | 需要 HTTPS 请求
43004 | | the person does not follow the account | 用户未关注该公众号
43005 | | the person is not a friend of the account | 需要好友关系
43019 | | the person is blocked: unblock first | 用户在黑名单中，需先移出
43100 | quota | the industry was changed too often this month | 本月修改所属行业过于频繁
43101 | | the person refuses this message | 用户拒收该消息
43104 | | the openid does not belong to this app id | OpenID 与 AppID 不匹配
43107 | | subscribe messages are banned for this account | 订阅消息能力已被封禁
43108 | retry | several sends to one person at once | 对同一用户并发下发
44001 | | the file is empty | 多媒体文件为空
44002 | | the body is empty | POST 数据为空
44003 | | there is no article | 图文消息内容为空
44004 | | the text is empty | 文本消息内容为空
44990 | back_off | the limit per second is reached | 超过每秒调用限制
44991 | back_off | the limit per minute is reached | 超过每分钟调用限制
44993 | quota | the limit per day is reached | 超过每天调用限制
45001 | | the file exceeds the limit | 多媒体文件大小超过限制
45002 | | the text is too long | 消息内容超过限制
45003 | | the title is too long | 标题超过限制
45004 | | the description is too long | 描述超过限制
45005 | | the link is too long | 链接超过限制
45006 | | the picture link is too long | 图片链接超过限制
45007 | | the voice is too long | 语音播放时间超过限制
45008 | | too many articles | 图文消息数量超过限制
45009 | quota | the daily quota of this call is used up | 接口调用超过每日限额
45010 | | too many menus | 创建菜单个数超过限制
45011 | back_off | called too often this minute | 接口调用太频繁，请下一分钟再试
45015 | | outside the reply window, or no longer following | 超出回复时间限制或用户已取消关注
45028 | quota | no mass-send quota is left | 没有群发配额
45029 | | the number of codes is used up | 二维码数量超过限制
45035 | | our address is not registered | 访问 IP 未登记
45047 | | the messages allowed after one interaction are used up | 客服消息下发条数超过上限
45056 | | the account has the most tags it may have | 标签数量已达上限
45057 | | the tag has too many people: untag first | 标签下粉丝数过多，需先取消标签
45058 | | tags 0, 1 and 2 belong to the platform | 系统标签不可修改
45059 | | the person has the most tags one may have | 用户身上标签数量已达上限
45062 | | the article carries advertisements | 图文含有广告，不能通过接口群发
45064 | | the mini program of a menu is not linked | 菜单中的小程序未关联
45065 | | this clientmsgid was used before | 相同 clientmsgid 已存在群发记录
45066 | back_off | the same clientmsgid is repeated too fast | 相同 clientmsgid 重试过快
45067 | | the clientmsgid is too long | clientmsgid 长度超过限制
45072 | | the typing command is not valid | command 字段取值不对
45080 | | the person did not write within 30 seconds | 下发输入状态需要 30 秒内有用户消息
45081 | | typing is already shown | 已经在输入状态，不可重复下发
45083 | | the mass-send speed must be 0 to 4 | 群发速度必须在 0 到 4 之间
45084 | | the mass-send speed is missing | 缺少 speed 参数
45113 | | cards and goods can no longer be published | 卡券、商品消息不再支持发布
45157 | | a tag of this name exists | 标签名重复
45158 | | the tag name exceeds 30 bytes | 标签名长度超过 30 个字节
45159 | | the tag does not exist | 标签 ID 不存在
45162 | | the mass message type is not valid | 群发消息类型不合法
45166 | | the content is not valid | 内容不合法
45168 | | the content has sensitive words | 内容命中敏感词
46001 | | the media file does not exist | 媒体文件不存在
46002 | | the menu version does not exist | 菜单版本不存在
46003 | | there is no menu | 菜单不存在
46004 | | the person does not exist | 用户不存在
47001 | | the body is not the expected JSON | 数据格式错误
47003 | | a template value is missing or not allowed | 模板参数不合法或缺失
47004 | | a page to submit is not valid | 提交的页面数据不合法
47006 | quota | the pages of the day are used up | 当日提交页面数已达上限
47009 | | this call is offline | 该接口已下线，请使用新接口
47501 | | activity_id is not valid | activity_id 参数错误
47502 | | target_state is not valid | target_state 参数错误
47503 | | version_type is not valid | version_type 参数错误
47504 | | the activity has expired | activity_id 已过期
48001 | | the account has no right to this call | 账号没有该接口权限
48002 | | the person does not accept messages | 用户拒收消息
48003 | | the account has not agreed to the terms | 账号未同意相关协议
48004 | | this call is closed to the account for violations | 接口因违规被封禁
48005 | | it is still referred to and must not be deleted | 被引用，禁止删除
48006 | quota | quota resets of this month are used up | 本月清零次数已用完
48008 | | no right to this message type | 没有该类型消息的发送权限
48021 | | an automatically saved draft cannot be mass-sent | 自动保存的草稿无法群发
48022 | | a video uploaded by API cannot be published by API | 接口上传的视频不能通过接口发布
49003 | | the openid does not match the access token | OpenID 与 access_token 不匹配
50001 | | the person gave no authorisation | 用户未授权该 API
50002 | | the person is restricted | 用户受限
50004 | | tokens are closed to this account | 禁止使用 token 接口
50005 | | the person does not follow the account | 用户未关注公众号
50007 | | the account is frozen | 账号已冻结
53404 | | the account may not sell | 账号被限制带货
53405 | | the product information is not valid | 商品信息有误
53406 | | selling is not enabled for the account | 账号未开通带货能力
53500 | | the account may not publish | 发布功能被封禁
53501 | back_off | published too often | 频繁请求发布
53502 | | publish_id is not valid | publish_id 无效
53503 | | the draft did not pass the check | 草稿未通过检查
53504 | | the draft box must be enabled | 需要开启草稿箱
53505 | | publish to preview first | 需先发布预览
53600 | | article_id is not valid | article_id 无效
61003 | | the app has not been authorised | 未授权的应用
61004 | | our address is not registered | 访问 IP 未登记
61007 | | the call is not authorised to the component | 接口未授权给第三方平台
61010 | | the person did not visit within two hours | 用户两小时内未访问小程序
61016 | | the categories must be confirmed first | 需先确认服务类目
61451 | | a parameter of the service account is not valid | 客服参数错误
61452 | | the service account is not valid | 客服账号无效
61453 | | the service account exists | 客服账号已存在
61454 | | the service account name is too long | 客服账号名长度超过限制
61455 | | the service account name holds signs that are not allowed | 客服账号名含有非法字符
61456 | | the account has the most service accounts it may have | 客服账号个数超过限制
61457 | | the type of the portrait is not valid | 头像文件类型无效
61458 | retry | the service system is busy | 客服系统错误
61500 | | the date has a wrong format | 日期格式错误
61501 | | the range of dates is not valid | 日期范围错误
61503 | retry | the figures of the day are not ready | 数据尚未准备好
61504 | retry | the statistics are busy | 统计系统繁忙
63002 | | the JS-SDK signature is not valid | JS-SDK 签名无效
65301 | | there is no such conditional menu | 不存在对应的个性化菜单
65303 | | there is no default menu: create it first | 没有默认菜单，不能创建个性化菜单
65304 | | the match rule is empty | matchrule 为空
65305 | | the account has the most conditional menus it may have | 个性化菜单数量受限
65306 | | the account type has no conditional menus | 账号类型不支持个性化菜单
65307 | | the conditional menu is empty | 个性化菜单信息为空
65308 | | a button has no action | 包含没有响应类型的按钮
65309 | | conditional menus are switched off | 个性化菜单开关处于关闭状态
65310 | | the country must not be empty | 国家信息不能为空
65311 | | the province must not be empty | 省份信息不能为空
65312 | | the country is not valid | 国家信息不合法
65313 | | the province is not valid | 省份信息不合法
65314 | | the city is not valid | 城市信息不合法
65316 | | the menus link to more than three domains | 菜单跳转的域名超过三个
65317 | | a link of the menu is not valid | 菜单 URL 不合法
65320 | | the match rule asks for private data | matchrule 含有隐私字段
65400 | | customer service is not enabled | 客服功能未启用
65401 | | the service account is not valid | 客服账号无效
65402 | | the service account is not bound to anybody | 客服账号尚未绑定微信号
65403 | | the nickname of the service account is not valid | 客服昵称不合法
65404 | | the service account name is not valid | 客服账号不合法
65405 | | the account has the most service accounts it may have | 客服账号数目已达上限
65406 | | the service account exists | 客服账号已存在
65407 | | this person already is a service agent | 邀请对象已是本账号客服
65408 | | an invitation was sent to this person before | 已向该微信号发出邀请
65409 | | this WeChat id does not exist | 无效的微信号
65410 | | this person serves the most accounts one may serve | 邀请对象绑定的账号数已达上限
65411 | | an invitation of this account is pending | 该客服账号有待处理的邀请
65412 | | the service account is bound already | 客服账号已绑定微信号
65413 | | there is no such session | 不存在对应用户的会话
65414 | | another agent serves this person | 该用户正在被其他客服接待
65415 | | the agent is not online | 指定的客服不在线
65416 | | a parameter of the chat log is not valid | 查询参数不合法
65417 | | the chat log may be asked for one day at most | 查询时间段超出限制
70000 | | not sent, to protect a minor | 为保护未成年人，消息未下发
76001 | | there is no such rid | rid 不存在
76002 | | the rid is malformed | rid 不合法
76003 | | the rid belongs to another account | 该 rid 不属于本账号
76004 | | the rid is older than seven days | rid 超过 7 天，无法查询
76021 | | this call path does not exist | cgi_path 不存在
76022 | | this call path belongs to another account kind | cgi_path 无权限查询
80067 | | there is no such plugin | 找不到使用的插件
85079 | | the mini program has no release online | 小程序没有线上版本
85083 | | search is banned for this mini program | 小程序的搜索能力被封禁
85091 | | search is switched off for this mini program | 小程序的搜索开关已关闭
85096 | | scancode_time is reserved by the platform | scancode_time 为系统保留参数
85400 | | the permanent links are used up | 永久短链数量已达上限
85401 | | the validity of the link must lie within 30 days | 链接有效期须在 30 天以内
85402 | | env_version is not valid | env_version 参数错误
85403 | | there is no such link | 链接不存在
85405 | | plain schemes are not enabled | 未开通明文 Scheme
85406 | quota | the opens of the day are used up | 当日打开次数已达上限
85407 | | the account has no right to links | 账号没有链接权限
85408 | | links are banned for this account | 链接能力被封禁
87007 | | the session key does not exist or has expired | session_key 不存在或已过期
87008 | | sig_method is not valid | sig_method 不合法
87009 | | the signature is not valid | 签名无效
87014 | | the content is risky | 内容含有违法违规信息
87020 | | the same request was made before | 重复请求
88000 | | comments are not enabled | 未开通留言功能
88001 | | there is no such article | 图文不存在
88003 | | the most comments are featured already | 精选留言数已达上限
88004 | | the comment was deleted by the person | 留言已被用户删除
88005 | | the comment was answered before | 该留言已回复过
88007 | | the answer is empty or too long | 回复内容为空或超过长度限制
88008 | | there is no such comment | 留言不存在
88010 | | the number of comments to get is not valid | 获取的留言数目不合法
89000 | | the account is bound to an open platform account already | 账号已绑定开放平台账号
89001 | | the accounts belong to different companies | 账号主体不一致
89002 | | the account is not bound to an open platform account | 账号未绑定开放平台账号
89003 | | the open platform account was not made by API | 该开放平台账号并非通过接口创建
89004 | | the open platform account has the most accounts it may have | 开放平台账号绑定数已达上限
89300 | | the trade is not valid | 订单无效
89503 | | an administrator must confirm our address | 需要管理员确认调用 IP
89504 | | an administrator must confirm the mass message | 群发需要管理员确认
89505 | | an administrator refused the mass message | 管理员拒绝了群发，或已超时
89506 | | an administrator refused our address for 24 hours | 管理员拒绝了该 IP，24 小时内不可用
89507 | | an administrator refused our address for 1 hour | 管理员拒绝了该 IP，1 小时内不可用
200011 | | this account is banned from templates | 账号已被封禁，无法操作
200012 | | the account has the most templates it may have | 个人模板数已达上限
200013 | | this template is banned | 此模板已被封禁，无法选用
200014 | | the template title id is not valid | 模版 tid 参数错误
200016 | | start is not valid | start 参数错误
200017 | | limit is not valid | limit 参数错误
200018 | | the categories are missing | 类目 ids 缺失
200019 | | a category is not valid | 类目 ids 不合法
200020 | | the keywords are not valid | 关键词列表 kidList 参数错误
200021 | | the scene description is not valid | 场景描述 sceneDesc 参数错误
9410009 | quota | the trial calls of risk rank are used up | 安全等级接口试用额度已用完
10060001 | | the payment order does not exist | 支付单不存在
10060002 | | the payment order has been shipped completely | 支付单已完成发货，无法继续发货
10060003 | | the order was shipped again once before | 支付单已使用重新发货机会
10060004 | | the order cannot be shipped in its present state | 支付单处于不可发货的状态
10060005 | | the logistics type is wrong | 物流类型有误
10060006 | | only express parcels can be split | 非快递发货时不允许分拆发货
10060007 | | split shipping must say whether all has left | 分拆发货模式下必须填写 is_all_delivered
10060008 | | the item description is missing | 商品描述 item_desc 不能为空
10060009 | | the item description is too long | 商品描述 item_desc 太长
10060012 | retry | the platform is busy | 系统错误
10060014 | | a parameter is wrong | 参数错误
10060019 | retry | the platform is busy | 系统错误
10060020 | | without an item description shipping cannot be completed | 没有商品描述，不允许完成发货
10060023 | | nothing changed | 发货信息未更新
10060024 | | the list of parcels is too long | 物流信息列表太长
10060025 | | the courier's code is too long | 物流公司编码太长
10060026 | | the tracking number is too long | 物流单号太长
10060031 | | the order is not the payer's | 该笔支付单不属于 openid 所指定的用户
"""
