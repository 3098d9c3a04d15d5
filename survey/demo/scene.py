"""Who is rated by whom in the demonstration: units, places, respondent groups and officials' posts of each size.

``small`` is Đắk Lắk as ranked for 2019 (names from the published facts); ``province`` is the shape since July 2025;
``national`` repeats that shape over 34 provinces. People do not appear here, only posts, and posts are only numbered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from forms.names import identifier as slug

CENTRE = ("trung_tam_hcc", "Trung tâm Phục vụ hành chính công tỉnh")

# Offices that decide no dossiers of citizens: rated by officials only.
WITHOUT_DOSSIERS = frozenset({"thanh_tra_tinh", "so_ngoai_vu"})

# Communes of each district in 2019: the usual administrative division, 184 in all; not among the published facts.
COMMUNES_2019 = {
    "Thành phố Buôn Ma Thuột": 21, "Thị xã Buôn Hồ": 12, "Huyện Buôn Đôn": 7, "Huyện Cư Kuin": 8,
    "Huyện Cư M'gar": 17, "Huyện Ea H'leo": 12, "Huyện Ea Kar": 16, "Huyện Ea Súp": 10, "Huyện Krông Ana": 8,
    "Huyện Krông Bông": 14, "Huyện Krông Búk": 7, "Huyện Krông Năng": 12, "Huyện Krông Pắc": 16, "Huyện Lắk": 11,
    "Huyện M'Đrắk": 13,
}  # fmt: skip

COUNCIL_POSTS = (
    "Chủ tịch HĐND", "Phó Chủ tịch HĐND (1)", "Phó Chủ tịch HĐND (2)", "Trưởng Ban Pháp chế", "Phó Trưởng Ban Pháp chế",
    "Trưởng Ban Kinh tế - Xã hội", "Phó Trưởng Ban Kinh tế - Xã hội", "Trưởng Ban Dân tộc",
)  # fmt: skip

DISTRICT_OFFICES = (
    "Phòng Nội vụ", "Phòng Tư pháp", "Phòng Tài chính - Kế hoạch", "Phòng Lao động - Thương binh và Xã hội",
    "Phòng Văn hóa và Thông tin", "Phòng Tài nguyên và Môi trường", "Phòng Giáo dục và Đào tạo", "Phòng Y tế",
    "Phòng Nông nghiệp và Phát triển nông thôn", "Thanh tra huyện",
)  # fmt: skip

DEPARTMENTS_2026 = (
    "Sở Nội vụ", "Sở Tư pháp", "Sở Tài chính", "Sở Công Thương", "Sở Nông nghiệp và Môi trường", "Sở Xây dựng",
    "Sở Khoa học và Công nghệ", "Sở Văn hóa, Thể thao và Du lịch", "Sở Giáo dục và Đào tạo", "Sở Y tế",
    "Sở Dân tộc và Tôn giáo", "Văn phòng Ủy ban nhân dân tỉnh", "Thanh tra tỉnh", "Sở Ngoại vụ",
)  # fmt: skip

# Shares expected to answer, for planning and for how many must share a block of units.
RESPONSE = {"dossier": 0.7, "official": 0.85}

COMMUNE_POSTS = ("Chủ tịch UBND", "Phó Chủ tịch UBND", "Giám đốc Trung tâm Phục vụ hành chính công")


class Size(StrEnum):
    """How large the demonstration is: about 1,600, 6,000 or 86,000 invitations."""

    SMALL = "small"
    PROVINCE = "province"
    NATIONAL = "national"


@dataclass(frozen=True, slots=True)
class Unit:
    """An office that is assessed."""

    id: str
    name: str
    kind: str

    @property
    def dossiers(self) -> bool:
        """Whether citizens and organisations bring it dossiers."""
        return not self.id.startswith(tuple(WITHOUT_DOSSIERS))


@dataclass(frozen=True, slots=True)
class Post:
    """An official's post: where it sits, where its slip goes, and what it rates when the group has a list."""

    id: str
    title: str
    office: str
    place: str
    rated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A respondent group as its table in the wave file says it; ``posts`` is empty for dossier groups."""

    id: str
    name: str
    name_en: str
    questionnaire: str
    assesses: str
    design: Mapping[str, Any]
    margins: tuple[str, ...] = ()
    max_units: int | None = None
    posts: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything of one size that does not depend on the seed."""

    size: Size
    title: str
    title_en: str
    framework: str  # '' where nothing will be counted
    units: tuple[Unit, ...]
    places: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    dossiers: Mapping[str, int]  # dossiers by group
    counters: Mapping[str, str] = field(default_factory=dict)  # unit → place that receives its dossiers

    def unit(self, name: str) -> Unit:
        """The unit of that name."""
        return next(unit for unit in self.units if unit.name == name)


def scene(size: Size, facts: Mapping[str, Any]) -> Scene:
    """The scene of a size; ``facts`` are the published figures of ``forms/catalogue/daklak_facts.toml``."""
    if size is Size.SMALL:
        return _small(facts)
    return _modern(size)


def _dossier_groups(citizens: Mapping[str, Any], organisations: Mapping[str, Any]) -> tuple[Group, Group]:
    return (
        Group("nguoi_dan", "Người dân có sử dụng dịch vụ hành chính công trong năm", "Citizens who used a service",
              "citizen", "dossier", _stratified(["unit", "channel"], **citizens), ("channel",)),
        Group("to_chuc", "Doanh nghiệp, tổ chức có sử dụng dịch vụ hành chính công trong năm",
              "Businesses and organisations that used a service", "organisation", "dossier",
              _stratified(["unit"], **organisations), ("channel",)),
    )  # fmt: skip


def _stratified(by: list[str], **numbers: int) -> dict[str, Any]:
    shared = {"method": "stratified", "by": by, "allocation": "proportional", "response": RESPONSE["dossier"]}
    return {**shared, **numbers}


def _census(*by: str) -> dict[str, Any]:
    return {"method": "census", "by": list(by), "response": RESPONSE["official"]}


def _own_group(units: Sequence[Unit], places: Mapping[str, str], posts: int) -> Group:
    return Group(
        "cong_chuc", "Công chức tự đánh giá cơ quan, địa phương mình", "Civil servants on their own office", "self",
        "own", _census("unit"),
        posts=tuple(
            Post(f"CC-{unit.id}-{n:02}", f"Công chức số {n}", unit.id, places[unit.id])
            for unit in units for n in range(1, posts + 1)
        ),
    )  # fmt: skip


def _posts_2019(
    departments: Sequence[str], districts: Sequence[Unit], counters: Mapping[str, str]
) -> tuple[tuple[Post, ...], tuple[Post, ...], tuple[Post, ...]]:
    """Posts of the People's Councils, of the district offices, and of the communes."""

    def rated(district: int, first: int) -> tuple[str, ...]:
        """The home district and five departments, the next five for the next district."""
        start = first + 5 * district
        return (districts[district].id, *(departments[(start + step) % len(departments)] for step in range(5)))

    council = tuple(
        Post(f"HDND-{unit.id}-{n}", title, unit.id, counters[unit.id], rated(d, 0))
        for d, unit in enumerate(districts) for n, title in enumerate(COUNCIL_POSTS, 1)
    )  # fmt: skip
    offices = tuple(
        Post(f"PH-{unit.id}-{n:02}", f"Đại diện lãnh đạo {title}", unit.id, counters[unit.id])
        for unit in districts for n, title in enumerate(DISTRICT_OFFICES, 1)
    )  # fmt: skip
    communes = tuple(
        Post(f"XA-{unit.id}-{n:02}", f"Đại diện lãnh đạo UBND xã số {n}", unit.id, counters[unit.id], rated(d, 2))
        for d, unit in enumerate(districts) for n in range(1, COMMUNES_2019[unit.name] + 1)
    )  # fmt: skip
    return council, offices, communes


def _small(facts: Mapping[str, Any]) -> Scene:
    departments = [Unit(slug(name), name, "department") for name in facts["units"]["department"]]
    districts = [Unit(slug(name), name, "district") for name in facts["units"]["district"]]
    post_offices = {unit.id: (f"buu_dien_{unit.id}", f"Bưu điện {_lower(unit.name)}") for unit in districts}
    counters = {unit.id: CENTRE[0] for unit in departments} | {unit: place[0] for unit, place in post_offices.items()}
    council, offices, communes = _posts_2019([unit.id for unit in departments], districts, counters)
    home = _census("unit")
    names = {group["id"]: group["vi"] for group in facts["survey_2019"]["groups"]}
    groups = (
        *_dossier_groups({"n": 560, "min": 12, "hold": 8},
                         {"n": 320, "min": 8}),
        Group("hdnd", names["hdnd"], "District People's Council leaders", "official", "list", home,
              max_units=6, posts=council),
        Group("huyen", names["huyen"], "Leaders of district offices", "official", "kind:department",
              _census(),
              max_units=6, posts=offices),
        Group("xa", names["xa"], "Leaders of commune offices", "official", "list", home,
              max_units=6, posts=communes),
        _own_group([*departments, *districts], counters, 8),
    )  # fmt: skip
    return Scene(Size.SMALL, "Đắk Lắk, chạy thử với số liệu mô phỏng", "Đắk Lắk, demonstration", "daklak_2019",
                 (*departments, *districts), (CENTRE, *post_offices.values()), groups,
                 {"nguoi_dan": 4300, "to_chuc": 1700}, counters)  # fmt: skip


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Counts of a modern scene; ``leaders`` and ``posts`` are by province and commune."""

    provinces: int
    communes: int
    citizens: int
    organisations: int
    leaders: int
    own: int
    title: str
    title_en: str


_SCALES = {
    Size.PROVINCE: _Scale(1, 102, 2800, 1236, 150, 13, "Cấp tỉnh, chạy thử với số liệu mô phỏng",
                          "One province, demonstration"),
    Size.NATIONAL: _Scale(34, 16, 40_800, 20_400, 180, 17, "Toàn quốc, chạy thử với số liệu mô phỏng",
                          "The whole country, demonstration"),
}  # fmt: skip


def _modern(size: Size) -> Scene:
    scale = _SCALES[size]
    units: list[Unit] = []
    places: list[tuple[str, str]] = []
    counters: dict[str, str] = {}
    leaders: list[Post] = []
    for number in range(1, scale.provinces + 1):
        mark = "" if scale.provinces == 1 else f" tỉnh số {number}"
        centre = (slug(CENTRE[0] + mark), CENTRE[1] + (mark and f" số {number}"))
        departments = [Unit(slug(name + mark), name + mark, "department") for name in DEPARTMENTS_2026]
        communes = [Unit(slug(f"xa so {n}{mark}"), f"Xã số {n}{mark}", "commune") for n in range(1, scale.communes + 1)]
        posts = [(f"buu_dien_{unit.id}", f"Bưu điện {_lower(unit.name)}") for unit in communes]
        places += [centre, *posts]
        units += [*departments, *communes]
        counters |= {unit.id: centre[0] for unit in departments}
        counters |= {unit.id: post[0] for unit, post in zip(communes, posts, strict=True)}
        leaders += [
            Post(f"LD-{number}-{n:03}", f"Đại biểu HĐND, lãnh đạo sở số {n}", departments[n % len(departments)].id,
                 centre[0])
            for n in range(1, scale.leaders + 1)
        ]  # fmt: skip
    chiefs = tuple(
        Post(f"LDX-{unit.id}-{n}", title, unit.id, counters[unit.id])
        for unit in units if unit.kind == "commune" for n, title in enumerate(COMMUNE_POSTS, 1)
    )  # fmt: skip
    whole = _census()
    groups = (
        *_dossier_groups({"n": scale.citizens, "min": 16, "hold": 8},
                         {"n": scale.organisations, "min": 10}),
        Group("lanh_dao_so", "Đại biểu HĐND tỉnh, lãnh đạo các sở", "Deputies and leaders of departments", "official",
              "kind:commune,department", whole, max_units=9, posts=tuple(leaders)),
        Group("lanh_dao_xa", "Lãnh đạo UBND cấp xã", "Leaders of communes", "official", "kind:department", whole,
              max_units=7, posts=chiefs),
        _own_group(units, counters, scale.own),
    )  # fmt: skip
    return Scene(size, scale.title, scale.title_en, "province_2026", tuple(units), tuple(places), groups,
                 {"nguoi_dan": 5 * scale.citizens, "to_chuc": 3 * scale.organisations}, counters)  # fmt: skip
