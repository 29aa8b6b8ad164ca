"""WeCom's error codes, one a line: code | action, if not to give up | English | 中文.

Source: developer.work.weixin.qq.com, 全局错误码 (path 90313) and the pages of the single calls (read 2026).
"""

from typing import Final

CODES: Final = """
-1 | retry | the platform is busy | 系统繁忙，请稍后重试
6000 | retry | somebody else changed the same data | 数据版本冲突，请重新读取后再试
40001 | | the secret is wrong | Secret 不正确
40003 | | the user id is not valid | 无效的 UserID
40004 | | the media type is not valid | 不合法的媒体文件类型
40005 | | the value of type is not valid | 不合法的 type 参数
40006 | | the file size is not valid | 不合法的文件大小
40007 | | the media id is invalid or has expired | media_id 无效或已过期
40008 | | this message type does not exist | 不合法的消息类型
40009 | | the size of the picture is not valid | 上传图片大小不符合要求
40011 | | the size of the video is not valid | 上传视频大小不符合要求
40013 | | the corp id is wrong | 企业 ID (CorpID) 不正确
40014 | refresh | the access token is not valid | access_token 不合法
40016 | | the number of menu buttons is not valid | 菜单按钮个数不合法
40017 | | the type of a menu button is not valid | 菜单按钮类型不合法
40018 | | the name of a menu button is not valid | 菜单按钮名称长度不合法
40019 | | the key of a menu button is not valid | 菜单按钮 KEY 长度不合法
40020 | | the link of a menu button is not valid | 菜单按钮 URL 长度不合法
40022 | | the menu has too many levels | 子菜单级数不合法
40023 | | the number of sub-menu buttons is not valid | 子菜单按钮个数不合法
40024 | | the type of a sub-menu button is not valid | 子菜单按钮类型不合法
40025 | | the name of a sub-menu button is not valid | 子菜单按钮名称长度不合法
40026 | | the key of a sub-menu button is not valid | 子菜单按钮 KEY 长度不合法
40027 | | the link of a sub-menu button is not valid | 子菜单按钮 URL 长度不合法
40029 | | the sign-in code is not valid | 无效的 OAuth code
40031 | | the list of user ids is not valid | UserID 列表不合法
40032 | | the number of user ids is not valid | UserID 列表长度不合法
40033 | | the request holds letters that are not allowed | 请求包含不合法的字符
40035 | | a parameter is not valid | 不合法的参数
40038 | | the request format is not valid | 请求格式不合法
40039 | | the length of the link is not valid | URL 长度不合法
40054 | | the domain of a menu link is not allowed | 菜单 URL 不合法
40055 | | the domain of a sub-menu link is not allowed | 子菜单 URL 不合法
40056 | | the agent id is not valid | 不合法的 AgentID
40057 | | the callback address is not valid or did not answer | 回调 URL 不合法或验证失败
40058 | | a parameter has a wrong form, length or size | 参数格式、长度或数组大小不合法
40059 | | the report switch is not valid | 上报标志位参数不合法
40063 | | a parameter is empty, or the kind of request is wrong | 参数为空或请求方式不对
40066 | | the list of departments is not valid | 部门列表不合法
40068 | | the tag id is not valid | 标签 ID 不合法
40070 | | the range of tags holds nothing that is valid | 标签范围结点全部无效
40071 | | a tag of this name exists | 标签名称已存在
40072 | | the length of the tag name is not valid | 标签名称长度不合法
40073 | | the openid is not valid | 不合法的 OpenID
40074 | | news messages cannot be confidential here | news 消息不支持保密发送
40078 | | the pre-authorisation code is not valid | 不合法的 pre_auth_code
40080 | | the suite id is not valid | 不合法的 SuiteID
40084 | | the permanent code is not valid | 不合法的 permanent_code
40086 | | the verification code of the third party is not valid | 不合法的第三方应用 verify_code
40091 | | the secret belongs elsewhere and may not be used here | 该 Secret 无权在此使用
40092 | | the import file is not valid | 导入文件存在不合法的内容
40094 | | the redirect link is not valid | 不合法的跳转 URL
40096 | | the external user id is not valid | 不合法的外部联系人 UserID
40097 | | the member who hands over has not resigned | 原跟进成员尚未离职
40098 | | the member who takes over is not verified | 接替成员尚未实名认证
40099 | | the member who takes over has the most customers one may have | 接替成员的客户数量已达上限
40100 | | this customer is being handed over already | 此客户正在转接流程中
40102 | | the domain is not one of the app's trusted domains | 域名不可用
40123 | | the file is not a picture or not a permitted one | 上传的文件不是合法的图片
40124 | | the media id is not one for this use | 不合法的 media_id 用途
40126 | | the corp has the most tags it may have | 企业标签数量已达上限
40128 | | this customer was handed over twice within 90 days | 该客户 90 个自然日内已分配两次
40129 | | this customer is being handed over already | 当前客户正在转接中
40130 | | both members are the same | 原跟进成员与接替成员不能相同
40131 | | the customer was not followed by the member who hands over | 客户不是原跟进成员的客户
40132 | | a member who left cannot be chosen | 不能选择已离职成员
40143 | | the member is banned | 成员已被封禁
40144 | | the customer carries the most tags one may have | 客户身上的标签数量已达上限
40145 | | the media is not one the platform knows | 媒体文件不存在或不合法
40201 | | the content is blocked as spam or as a violation | 内容被反垃圾策略拦截
40204 | | the content is blocked as spam or as a violation | 内容被安全策略拦截
40205 | | the member has not signed in for more than a year | 成员超过一年未登录企业微信
41001 | refresh | the access token is missing | 缺少 access_token 参数
41002 | | the corp id is missing | 缺少 CorpID 参数
41004 | | the secret is missing | 缺少 Secret 参数
41006 | | the media id is missing | 缺少 media_id 参数
41008 | | the sign-in code is missing | 缺少 auth code 参数
41009 | | the user id is missing | 缺少 UserID 参数
41010 | | the link is missing | 缺少 URL 参数
41011 | | the agent id is missing | 缺少 AgentID 参数
41019 | | the list of departments is missing or too long | 部门列表缺失或超过限制
41033 | | the description is missing | 缺少 description 参数
41035 | | the external user id or an argument of its kind is missing | 缺少外部联系人 UserID 或不合法
41036 | | the corp has not opened customer contact to this app | 不合法的企业对外简称或应用未授权
41037 | | the type of the contact way is missing | 缺少联系方式类型 type
41038 | | the scene of the contact way is missing | 缺少联系方式场景 scene
41039 | | the type of the contact way is not valid | 联系方式类型不合法
41040 | | the scene of the contact way is not valid | 联系方式场景不合法
41041 | | a contact way holds at most 100 members | 联系方式的使用人数超过 100
41042 | | the style of the contact way is not valid | 联系方式样式不合法
41043 | | the id of the contact way is missing | 缺少联系方式 config_id
41044 | | the id of the contact way is not valid | 联系方式 config_id 不合法
41045 | | the corp has the most contact ways it may have | 通过接口创建的联系方式数量已达上限
41046 | | the id of the mass message is missing | 缺少企业群发消息 msgid
41047 | | the id of the mass message is not valid | 企业群发消息 msgid 不合法
41048 | | there is nobody to send to | 没有可发送的客户或客户群
41049 | | the welcome code is missing | 缺少欢迎语凭证 welcome_code
41050 | | the welcome code is not valid, or older than 20 s | 欢迎语凭证无效或已过期（有效期 20 秒）
41051 | | the welcome was sent already or the chat has begun | 客户和成员已经开始聊天，或欢迎语已发送
41052 | | the welcome message is not valid | 欢迎语内容不合法
41053 | | the customer has not agreed to the archive of chats yet | 客户尚未同意聊天内容存档
41054 | | a member is not activated or not verified | 成员尚未激活或未实名认证
41055 | | the corp has the most group welcome templates it may have | 群欢迎语素材数量已达上限
41056 | | this kind of external user id cannot be converted | 外部联系人 ID 类型不符，无法转换
41057 | | the corp is not bound to an open platform account | 企业未绑定微信开放平台账号
41058 | | the group welcome template belongs to another app | 群欢迎语素材非本应用创建
41059 | | the id of the moment is missing | 缺少朋友圈 moment_id
41060 | | the id of the moment is not valid | 朋友圈 moment_id 不合法
41061 | | this member is not among those asked to publish the moment | 该成员不在此次朋友圈的发表范围
41062 | | the member has not published the moment | 成员尚未发表该朋友圈
41063 | retry | the mass message is still being dispatched | 群发消息正在下发，请稍后再试
41064 | | too many attachments | 附件数量超过上限
41065 | | an attachment is not valid | 附件内容或类型不合法
41066 | | a link of an attachment is not valid | 附件链接不合法
41067 | | the moment is not one published through the corp | 朋友圈类型不符
41068 | | the list of words of the rule is too long | 敏感词列表过长
41069 | | the corp has the most interception rules it may have | 敏感词规则数量已达上限
41070 | | the id of the interception rule is not valid | 敏感词规则 ID 不合法
41071 | | the interception rule was deleted before | 敏感词规则已被删除
41072 | | the attachment was uploaded for another use | 附件资源的用途不符
41073 | | the description of the product is not valid | 商品描述不合法
41074 | | the product was deleted | 商品图册已被删除
41075 | | the product does not exist | 商品图册不存在
41076 | | the range of the interception rule is too large | 敏感词适用范围超过限制
41077 | | an interception rule of this name exists | 敏感词规则名称重复
41078 | | the range of the moment is not valid | 朋友圈可见范围不合法
41079 | retry | the moment is still being dispatched | 朋友圈任务正在下发，请稍后再试
41080 | | the picture of the attachment is not valid | 附件图片不合法
41081 | | the video of the attachment is not valid | 附件视频不合法
41082 | | the file of the attachment is not valid | 附件文件不合法
41083 | | a word of the interception rule is not valid | 敏感词不合法
41084 | | the semantics of the interception rule are not valid | 敏感词拦截语义不合法
41085 | | the product number is not valid | 商品编码不合法
41086 | | the price of the product is not valid | 商品价格不合法
41087 | | the description of the product is missing or too long | 商品描述缺失或过长
41088 | | the attachments of the moment do not go together | 朋友圈附件组合不合法
41089 | | the senders of the moment are not valid | 朋友圈发表人范围不合法
41090 | | the product has too many or no pictures | 商品图册图片数量不合法
41091 | | a join way holds at most five groups | 加群方式关联的客户群超过 5 个
41093 | | the mass message was cancelled before | 群发任务已取消
41094 | | members cannot be reminded of this mass message now | 当前不可提醒成员群发
41095 | | the corp has the most acquisition links it may have | 获客链接数量已达上限
41096 | retry | another app is sending a welcome message | 其他应用正在发送欢迎语，可稍后重试
41098 | | the acquisition component is not authorised | 获客链接组件未授权
41099 | | the acquisition link belongs to another component | 获客链接组件不匹配
41200 | | the acquisition quota or link id does not allow this | 获客助手额度或链接不可用
41201 | | the acquisition quota or link id does not allow this | 获客助手额度或链接不可用
41202 | | the picture of the product is not valid | 商品图册图片不合法
41210 | quota | the moments of the month are used up | 本月发表任务数已达上限
42001 | refresh | the access token has expired | access_token 已过期
42003 | | the sign-in code has expired | OAuth code 已过期
42009 | | the suite token has expired | suite_access_token 已过期
42022 | | the sign-in code was used before | OAuth code 已被使用
42052 | | too late to recall the message | 消息超过可撤回时间
43004 | | the member must follow first | 需要成员已关注
43009 | | the member must be verified first | 需要成员已认证
44001 | | the file is empty | 媒体文件为空
44002 | | the body is empty | POST 的数据包为空
44003 | | there is no article | 图文消息内容为空
44004 | | the text is empty | 文本消息内容为空
45001 | | the file exceeds the limit | 媒体文件大小超过限制
45002 | | the content exceeds the limit | 消息内容大小超过限制
45004 | | a field of the app's settings exceeds the limit | 应用设置字段长度超过限制
45007 | | the voice is too long | 语音播放时间超过限制
45008 | | too many articles | 图文消息的文章数量不符合要求
45009 | back_off | called too often | 接口调用超过限制
45022 | | the name of the app exceeds the limit | 应用名称长度超过限制
45024 | | the corp has the most members it may have | 账号数量超过上限
45026 | | too many members would be deleted at once | 触发批量删除成员的保护
45029 | | the answer would be too large | 回包大小超过上限
45032 | | the picture is too large | 图片大小超过限制
45033 | back_off | too many calls at once | 接口并发调用超过限制
45034 | | the link must not be empty | URL 必填
45035 | retry | another call is changing the same object | 数据正在被并发修改，请稍后重试
45036 | retry | the data is inconsistent for the moment | 数据异常，请稍后重试
46003 | | there is no menu | 菜单未设置
46004 | | the member does not exist | 指定的用户不存在
48001 | | the corp has no right to this call | API 接口未授权
48002 | | the app has no right to this call | 应用没有调用该接口的权限
48003 | | the suite is not valid | 不合法的 suite
48004 | | the authorisation is not valid | 授权关系无效
48005 | | this call is closed | API 接口已废弃
48006 | | the permission was withdrawn | 接口权限被收回
48007 | | the service account is not authorised to this app | 客服账号未授权给该应用
49004 | | the signature does not match | 签名不匹配
49008 | | the group was dismissed | 群已解散
50001 | | the domain of the redirect is not registered | redirect_url 未登记可信域名
50002 | | the member is outside the app's scope | 成员不在权限范围
50003 | | the app is disabled | 应用已禁用
50100 | | the cursor is not valid | 分页查询游标错误
60001 | | the length of the department name is not valid | 部门长度不符合限制
60003 | | the department does not exist | 部门 ID 不存在
60004 | | the parent department does not exist | 父部门 ID 不存在
60005 | | the department has members | 部门下存在成员
60006 | | the department has sub-departments | 部门下存在子部门
60007 | | the root department must not be deleted | 不允许删除根部门
60008 | | a department of this name or id exists | 部门已存在
60009 | | the department name holds letters that are not allowed | 部门名称含有非法字符
60010 | | a department cannot contain itself | 部门存在循环关系
60011 | | the app has no right to this object | 无权限操作指定的成员、部门或标签
60012 | | the default app must not be deleted | 不允许删除默认应用
60016 | | the tag has members | 标签下还存在成员
60020 | | our address is not on the app's list of trusted addresses | 访问 IP 不在应用的企业可信 IP 白名单中
60021 | | the member is outside the visible scope of the app | 成员不在应用可见范围内
60102 | | this user id exists | UserID 已存在
60103 | | the mobile number is not valid | 手机号码不合法
60104 | | the mobile number belongs to another member | 手机号码已存在
60105 | | the e-mail address is not valid | 邮箱不合法
60106 | | the e-mail address belongs to another member | 邮箱已存在
60107 | | the WeChat id is not valid | 微信号不合法
60110 | | the member is in too many departments | 用户所属部门数量超过限制
60111 | | this member does not exist | UserID 不存在
60112 | | the name of the member is not valid | 成员姓名不合法
60123 | | the department id is not valid | 无效的部门 ID
60124 | | the parent department is not valid | 无效的父部门 ID
60125 | | the department name is not valid | 无效的部门名称
60127 | | the department name is missing | 缺少部门名称
60129 | | neither a mobile number nor an e-mail address is given | 成员手机和邮箱都为空
60140 | | the response code is not valid or was used | response_code 无效或已使用
60251 | | the service account id is not valid | 客服账号 ID 不合法
60252 | | the servicer is not valid | 接待人员不合法
60253 | | the department of the servicer is not valid | 接待部门不合法
60257 | | too many direct leaders | 直属上级超过限制
80001 | | the trusted domain is wrong, or the link does not match it | 可信域名不正确，或 URL 不匹配
81001 | | the department has too many members | 部门下的成员数超过限制
81002 | | too many departments | 部门总数超过限制
81003 | | too many app accounts | 用户数超过应用限制
81011 | | the app has no right to this tag | 无权限操作该标签
81013 | | none of the receivers is valid | UserID、部门 ID、标签 ID 全部非法或无权限
81014 | | the tag would have too many members | 标签添加成员过多
81015 | | the tag would have too many departments | 标签添加部门过多
81017 | | too many members are in scope: name them | 查询范围内的成员过多，请指定成员
82001 | | no receiver is given | 指定的成员、部门、标签全部为空
82002 | | the list of members or departments is too long | 成员或部门列表超过限制
82003 | | the list of departments or tags is too long | 部门或标签列表超过限制
82004 | | the content of the message is not valid | 消息内容不合法
84014 | | the ticket of the member has expired | 成员票据 user_ticket 已过期
84015 | | the ticket of the member is not valid | 成员票据 user_ticket 无效
84061 | | this customer is not a contact of the member | 不存在外部联系人的关系
84074 | | the app has no right to customer contact | 没有外部联系人权限
84084 | | the member does not follow this customer | 成员不是该客户的跟进人
84085 | | the member does not belong to the app's scope of customer contact | 成员不在客户联系使用范围内
84088 | | the appointed owner cannot own customer groups | 指定成员无法成为群主
85002 | | a domain is missing | 缺少可信域名
85004 | | a domain is not valid | 无效的域名
85005 | | the trusted domain is not verified | 可信域名未通过所有权校验
86001 | | the chat id is not valid | 不合法的会话 ID
86003 | | this group does not exist | 会话 ID 不存在
86004 | | the group name is not valid | 不合法的群名
86005 | | the group owner is not valid | 不合法的群主
86006 | | the number of group members is not valid | 群成员数量不合法
86007 | | a member of the group is not valid | 不合法的群成员
86101 | | the app may not use group chats | 应用无权使用群聊会话
86207 | | the group already exists with other members | 群聊已存在
86215 | | the chat id exists | 会话 ID 已存在
86216 | | a group member does not exist | 存在非法的会话成员 ID
86217 | | the sender is not in the group | 会话发送者不在会话成员列表中
86220 | | the members are outside the app's scope | 指定的会话成员不在应用可见范围
90500 | | the owner of the group has not resigned | 群主并未离职
90501 | | this is not a customer group | 该群不是客户群
90502 | | the owner of the group has resigned | 群主已经离职
90503 | | the new owner has the most groups one may have | 群已满或新群主的群数量已达上限
90504 | | the owner would stay the same | 群主未变化
90505 | | the new owner is not activated | 新群主未激活
90506 | | the new owner may not use customer contact | 新群主没有客户联系功能
90507 | retry | the group is being handed over | 群正在转让中，请稍后再试
90508 | | the group was handed over before | 群已被继承
90509 | | the owner has given away the most groups of today | 今日转让的群数量已达上限
90510 | | the group was handed over twice within 90 days | 该群 90 个自然日内已转让两次
90511 | | the opengid is not one of this corp's groups | opengid 与客户群不匹配
95000 | | the id of the service account is not valid | 不合法的 open_kfid
95001 | | five messages were sent since the customer's last one | 发送客服消息次数已达上限，需等待客户回复
95002 | | the customer did not write within 48 hours | 客户 48 小时内未发消息，无法下发
95004 | | the service account was deleted | 客服账号已被删除
95005 | | the corp has the most service accounts it may have | 客服账号数量已达上限
95006 | | the name of the service account is not valid | 客服账号名称不合法
95007 | | the token of the message pull is not valid or has expired | 拉取消息的 token 无效或已过期
95009 | | the number of servicers is not valid | 接待人员数量不合法
95010 | | the department of servicers is not valid | 接待部门不合法
95011 | | the servicer exists already | 已是接待人员
95012 | | the corp is not certified for customer service | 企业未验证，功能受限
95013 | | the session has ended | 会话已经结束
95014 | | the member is not a servicer of this account | 该成员不是此客服账号的接待人员
95015 | | the service cannot be upgraded like this | 升级服务的参数不合法
95016 | | the session cannot move to this state | 不允许的会话状态变更
95017 | | the app has no right to this service account | 系统应用权限下，不允许的操作
95018 | | the session is not one the app may speak in | 会话状态不允许发送消息
95019 | | the servicer has stopped receiving | 接待人员已停止接待
95021 | | no rule of service upgrade covers this | 未配置升级服务或不在范围内
95026 | | the service accounts of the corp are used up | 客服账号可用数量不足
95027 | | the unverified corp has the most service accounts it may have | 未验证企业的客服账号数量已达上限
95030 | | this message kind is not allowed here | 该消息类型不允许发送
95031 | | the customer was not in contact within 48 hours | 48 小时内没有与客户接待过
95032 | | the welcome or event code is not valid | 事件响应消息的 code 不合法
95033 | | this message id was used before | msgid 重复
301002 | | the app has no right to this app | 无权限操作指定的应用
301005 | | the app may not be changed | 不允许删除或修改该应用
301052 | | the archive of chats has expired | 会话存档已过期
301053 | | the archive of chats is not enabled | 未开通会话存档
301054 | | the archive version does not allow this | 会话存档版本不支持
301055 | | the member has no archive | 该成员未开启会话存档
301056 | | the archive is not available | 会话存档不可用
301057 | | the archive request is not valid | 会话存档请求不合法
301058 | | the archive request is too large | 会话存档请求数据过大
301059 | | this is not an internal group | 非内部群
301060 | | too many ids in one archive request | 会话存档请求的 ID 过多
301061 | | the member of the archive request is unknown | 会话存档请求的成员不存在
301062 | | the kind of the archive request is not valid | 会话存档的类型不合法
701008 | | none of the members has a licence | 成员均未激活许可账号
845001 | | the openid is of an unsuitable kind | openid 类型不符
845002 | | the subject of the corp does not match | 企业主体不匹配
845003 | | the subject of the provider does not match | 服务商主体不匹配
"""
