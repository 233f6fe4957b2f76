"""May this city, or this team, apply? Rules of the call and of its programme, judged one by one.

::

    conditions, description, note ─► reading ─┐
    fields of the call's record ──► stated ───┼► rules ─► demands ─► requirements ─► verdict ─► check
    data/programmes ► programmes ► families ──┘             ▲                         │  ▲
    data/groups, lists of cities ► lists ► groups ─► meaning, subjects                │  └ wording, questions
    profiles, names of cities ─► members ─► facts ────────────────────────────────────┘    (English, German)

    rules ─► money: what the call pays, what the city pays; leadtime: days left, days needed
"""
