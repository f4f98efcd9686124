"""The plan for libraries: pure, and never at the cost of what the runtime owns."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version as Real

from jupyter_drive_sync.companion.drive_sync_colab import environment_plan as plans
from jupyter_drive_sync.companion.drive_sync_colab.environment_install import Answer, sort_out
from jupyter_drive_sync.companion.drive_sync_colab.environment_owned import OWNED, protected
from jupyter_drive_sync.companion.drive_sync_colab.versions import Version, normalised, satisfies

NUMBERS = st.integers(0, 3)
RELEASES = st.lists(NUMBERS, min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
SUFFIXES = st.sampled_from(
    ["", "a1", "b2", "rc1", ".dev1", ".post1", "a1.dev2", ".post1.dev3", "-1", ".preview2"]
)
LOCALS = st.sampled_from(["", "", "", "+cu128", "+cpu", "+1.2"])
EPOCHS = st.sampled_from(["", "", "", "1!"])
VERSIONS = st.builds(lambda e, r, s, tail: e + r + s + tail, EPOCHS, RELEASES, SUFFIXES, LOCALS)
PUBLIC = st.builds(lambda e, r, s: e + r + s, EPOCHS, RELEASES, SUFFIXES)
CLAUSES = st.one_of(
    st.builds(lambda operator, version: operator + version,
              st.sampled_from(["==", "!=", ">=", "<=", "<", ">", "~="]), PUBLIC),
    st.builds(lambda operator, release: f"{operator}{release}.*",
              st.sampled_from(["==", "!="]), RELEASES),
    st.builds(lambda version: f"=={version}", VERSIONS),
)  # fmt: skip


@given(first=VERSIONS, second=VERSIONS)
def test_versions_are_ordered_as_packaging_orders_them(first, second):
    real = Real(Real(first).public) < Real(Real(second).public)
    assert (Version(first).public < Version(second).public) == real


@given(version=VERSIONS, clauses=st.lists(CLAUSES, min_size=1, max_size=3))
def test_specifiers_mean_what_they_mean_to_packaging(version, clauses):
    text = ",".join(clauses)
    try:
        real = SpecifierSet(text, prereleases=True)
    except InvalidSpecifier:
        assume(False)
    # packaging lets a local part count in >, which no pip list ever needs
    assume("+" not in version or not any(one[0] in "<>" and one[1] != "=" for one in clauses))
    assert satisfies(version, text) == real.contains(version)


@pytest.mark.parametrize(
    ("version", "spec", "expected"),
    [
        ("2.11.0+cu128", "==2.11.0", True),
        ("2.11.0+cu128", "==2.11.0+cpu", False),
        ("1.0", "==1.0.0", True),
        ("1.0", "", True),
        ("1.5", "~=1.4", True),
        ("2.0", "~=1.4", False),
        ("1.4.9", ">=1.2,<1.5,!=1.4.8", True),
        ("1.0a1", "<1.0", False),
        ("1.0a1", "<1.0.post1", True),
        ("1.0.post1.dev0", "<1.0.post1", False),
        ("1.0.post1", ">1.0", False),
        ("1.0.post1", ">1.0a1", True),
    ],
)
def test_specifiers(version, spec, expected):
    assert satisfies(version, spec) is expected


NAMES = st.sampled_from(
    ["torch", "numpy", "ipykernel", "rich", "emoji", "jupyterlab", "tensorflow-text", "my-own"]
)
WANTED = st.dictionaries(
    NAMES, st.sampled_from(["", "==1.0", ">=2", "==2.0", "<1"]), max_size=8
).map(lambda some: [plans.Wanted(name, spec, spec) for name, spec in some.items()])
HERE = st.dictionaries(NAMES, st.sampled_from(["0.9", "1.0", "2.0", "1.0+cu128", "odd"]))


@given(wanted=WANTED, here=HERE, loaded=st.sets(NAMES))
def test_every_package_gets_one_place_and_the_runtimes_own_are_never_moved(wanted, here, loaded):
    plan = plans.make_plan(wanted, here).in_use(loaded)

    assert [item.wanted for item in plan.items] == wanted
    for item in plan.items:
        name, spec = item.wanted.name, item.wanted.spec
        fits = name in here and here[name] != "odd" and satisfies(here[name], spec)
        fits = fits or (here.get(name) == "odd" and not spec)
        assert (item.do == plans.RIGHT) == fits
        if item.do == plans.INSTALL:
            assert name not in here or not OWNED.fullmatch(name)
            assert item.restart == (name in here and name in loaded)
        if not fits and name in ("torch", "numpy", "ipykernel"):
            assert item.do == plans.KEPT
        if not fits and name == "tensorflow-text":
            assert item.do == (plans.KEPT if name in here else plans.INSTALL)
        if not fits and name == "jupyterlab":
            assert item.do == plans.AT_HOME
    assert set(plan.requirements) == {item.wanted.requirement for item in plan.of(plans.INSTALL)}
    kept = protected(here)
    for name, version in here.items():
        own = OWNED.fullmatch(name) or name == "jupyterlab"
        assert (f"{name}=={version}" in kept) == bool(own and version != "odd")
    assert ("jupyterlab<0" in kept) == ("jupyterlab" not in here)


@given(wanted=WANTED, here=HERE)
def test_after_the_plan_was_carried_out_nothing_is_left_to_do(wanted, here):
    plan = plans.make_plan(wanted, here)
    after = dict(here)
    for item in plan.of(plans.INSTALL):
        after[item.wanted.name] = {"==1.0": "1.0", "<1": "0.5"}.get(item.wanted.spec, "2.0")
    assert plans.make_plan(wanted, after).of(plans.INSTALL) == []


@given(
    names=st.lists(st.sampled_from("abcdefgh"), unique=True),
    broken=st.sets(st.sampled_from("abcdefgh")),
    enemies=st.sets(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"))),
)
def test_what_can_be_installed_together_is_found(names, broken, enemies):
    enemies = {pair for pair in enemies if pair[0] != pair[1]}

    def try_out(lines):
        some = set(lines)
        if some & broken:
            return Answer({}, "broken")
        return Answer({}, "enemies" if any(set(pair) <= some for pair in enemies) else "")

    good, bad = sort_out([(name, name) for name in names], try_out)

    assert not try_out(good).problem
    assert sorted([*good, *bad]) == sorted(names)
    assert broken & set(names) <= set(bad)
    if not enemies:
        assert set(bad) == broken & set(names)


def test_the_list_of_home_is_read_with_care():
    home = plans.Home.parse(
        {
            "v": 1,
            "python": "3.11.7",
            "source": "kernel",
            "later": "unknown fields are no matter",
            "packages": [
                {"name": "Rich_Text", "version": "1.0", "spec": None},
                {"name": "torch", "version": "2.3.0+cu121", "spec": None},
                {"name": "emoji", "version": None, "spec": ">= 1, < 3"},
                {"name": "--index-url=http://elsewhere", "version": "1"},
                {"name": "ok", "version": None, "spec": "@ http://elsewhere/x.whl"},
                {"name": "ok", "version": "1.0 --pre"},
                "nonsense",
            ],
            "skipped": [{"name": "mine", "why": "installed from a folder"}],
        }
    )
    assert [one.requirement for one in home.wanted] == [
        "rich-text==1.0",
        "torch==2.3.0",
        "emoji>=1,<3",
    ]
    assert home.skipped["mine"] == "installed from a folder"
    assert len(home.skipped) == 5
    with pytest.raises(ValueError):
        plans.Home.parse({"v": 2})


NEEDED = """
google-colab google-auth ipykernel ipyparallel ipython pandas jupyter-server portpicker requests
tornado pyzmq prompt_toolkit traitlets jupyter_client jupyter-core notebook ipywidgets debugpy
psutil torch torchvision torchaudio triton nvidia-cudnn-cu12 cuda-python jax jaxlib libtpu
tensorflow tensorflow-hub keras cudf-cu12 cupy-cuda12x numpy
pylibraft-cu12 libcuvs-cu12 cucim-cu12 protobuf pyarrow pip setuptools wheel uv
"""


@pytest.mark.parametrize("name", NEEDED.split())
def test_what_colab_needs_is_owned(name):
    assert OWNED.fullmatch(normalised(name))


def test_what_goes_with_a_framework_may_be_added_but_not_moved():
    wanted = [plans.Wanted(name, "==1.0") for name in ("torchmetrics", "jaxtyping", "torch")]
    assert [item.do for item in plans.make_plan(wanted, {}).items] == [
        plans.INSTALL,
        plans.INSTALL,
        plans.KEPT,
    ]
    here = dict.fromkeys(("torchmetrics", "jaxtyping", "torch"), "2.0")
    assert {item.do for item in plans.make_plan(wanted, here).items} == {plans.KEPT}


def test_what_the_runtimes_own_packages_need_stays_as_they_ask():
    here = {"torch": "2.11.0", "sympy": "1.14", "mpmath": "1.3", "rich": "13.9", "odd": "2.0"}
    here |= {"triton": "3.6.0", "jupyterlab": "3.0", "jupyter-lsp": "1.0"}
    needs = {
        "torch": [
            "sympy>=1.13.3",
            "triton==3.6.0; platform_system == 'Linux'",
            "Odd<2",
            "rich; extra == 'words'",
            "rich>=1; extra == 'words'",
            "absent>=3",
            "mine @ file:///mine",
            "sympy>=1.1; (python_version > '3.8' and os_name not in 'nt') or sys_platform == \"x\"",
            "sympy>=1.2; nonsense",
            "sympy>=1.3; os_name == 'nt' -r /elsewhere",
        ],
        "sympy": ["mpmath[fast] (<1.4,>=1.1)"],
        "rich": ["odd>1"],
        "mpmath": ["torch>=1", "!"],
    }
    kept = protected(here, needs)
    assert kept == [
        "jupyter-lsp==1.0",
        "jupyterlab==3.0",
        "torch==2.11.0",
        "triton==3.6.0",
        "sympy>=1.13.3",
        "triton==3.6.0 ; platform_system == 'Linux'",
        "sympy>=1.1 ; (python_version > '3.8' and os_name not in 'nt') or sys_platform == \"x\"",
        "mpmath<1.4,>=1.1",
        "torch>=1",
        "jupyter-drive-sync<0",
    ]


def test_a_plan_says_what_else_it_changes():
    plan = plans.make_plan([plans.Wanted("new"), plans.Wanted("rich", "==1.0")], {"rich": "2.0"})
    before = {"rich": "2.0", "hub": "1.0", "same": "1.0"}
    after = {"rich": "1.0", "hub": "2.0", "same": "1.0", "new": "1.0", "also-new": "1.0"}
    plan = plan.moving(before, after).in_use({"hub", "new", "same"})
    assert [str(move) for move in plan.moves] == ["hub 1.0 to 2.0"]
    assert plan.restart == ["hub"]
    assert plan.in_use({"rich", "new"}).restart == ["rich"]
