"""The regions of Tencent Cloud and their names."""

from __future__ import annotations

DEFAULT = "ap-guangzhou"
"""Region of calls without one, to services that require none."""

NAMES = {
    "ap-guangzhou": ("South China (Guangzhou)", "华南地区(广州)"),
    "ap-shanghai": ("East China (Shanghai)", "华东地区(上海)"),
    "ap-nanjing": ("East China (Nanjing)", "华东地区(南京)"),
    "ap-beijing": ("North China (Beijing)", "华北地区(北京)"),
    "ap-chengdu": ("Southwest China (Chengdu)", "西南地区(成都)"),
    "ap-chongqing": ("Southwest China (Chongqing)", "西南地区(重庆)"),
    "ap-hongkong": ("Hong Kong, Macao and Taiwan (Hong Kong, China)", "港澳台地区(中国香港)"),
    "ap-singapore": ("Southeast Asia Pacific (Singapore)", "亚太东南(新加坡)"),
    "ap-jakarta": ("Southeast Asia Pacific (Jakarta)", "亚太东南(雅加达)"),
    "ap-bangkok": ("Southeast Asia Pacific (Bangkok)", "亚太东南(曼谷)"),
    "ap-seoul": ("Northeast Asia Pacific (Seoul)", "亚太东北(首尔)"),
    "ap-tokyo": ("Northeast Asia Pacific (Tokyo)", "亚太东北(东京)"),
    "na-siliconvalley": ("US West (Silicon Valley)", "美国西部(硅谷)"),
    "na-ashburn": ("US East (Virginia)", "美国东部(弗吉尼亚)"),
    "sa-saopaulo": ("South America (São Paulo)", "南美地区(圣保罗)"),
    "eu-frankfurt": ("Europe (Frankfurt)", "欧洲地区(法兰克福)"),
    "ap-shanghai-fsi": ("East China (Shanghai Finance)", "华东地区(上海金融)"),
    "ap-shenzhen-fsi": ("South China (Shenzhen Finance)", "华南地区(深圳金融)"),
    "ap-beijing-fsi": ("North China (Beijing Finance)", "华北地区(北京金融)"),
    "me-saudi-arabia": ("Middle East (Riyadh)", "中东地区(利雅得)"),
}
"""By region id: the name in English and in Chinese."""

IDS = tuple(NAMES)

UNKNOWN_TO_CVM = frozenset({"me-saudi-arabia"})
"""Regions that cvm DescribeRegions does not list: it is no longer updated."""
