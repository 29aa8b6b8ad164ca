"""Why a model was of no use, in both languages."""

from typing import Final

REASONS: Final[dict[str, tuple[str, str]]] = {
    "inner_network": (
        "模型地址在内网，平台不会访问；如确需使用，请运维把该主机写入 QUANYU_MODEL_HOSTS",
        "The model is on the inner network; if that is meant, the operator adds it to QUANYU_MODEL_HOSTS",
    ),
    "no_connection": ("连不上模型服务，请检查地址", "The model cannot be reached: check the address"),
    "timeout": ("模型超时未回答，可调大超时", "The model did not answer in time; allow it more"),
    "too_large": ("模型的回答过大，未采用", "The model's answer is too large and was not used"),
    "no_json": (
        "模型服务返回的不是 JSON，请检查地址是否到 /v1",
        "The endpoint did not answer with JSON: check the address",
    ),
    "no_answer": ("模型没有给出内容", "The model gave no content"),
    "refused_key": ("模型服务拒绝了密钥", "The endpoint refused the key"),
    "no_such_model": ("地址或模型名称不存在", "There is no such address or model"),
    "too_many": ("模型服务限流，请稍后再试", "The endpoint asks for fewer calls: try again later"),
    "refused": ("模型服务拒绝了请求", "The endpoint refused the request"),
    "not_a_draft": (
        "模型的回答两次都不是可用的草稿，未采用",
        "Twice the model's answer was no usable draft; it was not used",
    ),
    "daily_limit": ("今天的模型用量已到上限", "The day's tokens are used up"),
}
