"""Reads a database of socsync with pandas, and an export with DuckDB.

    pip install pandas duckdb
    socsync export posts --format parquet --out posts.parquet
    python examples/analysis.py socsync.db posts.parquet

The views are told column by column in docs/database.md. Ids are text: keep them so, they are longer than a float is exact.
"""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pandas as pd


def read(database: sqlite3.Connection, sql: str, **parse: object) -> pd.DataFrame:
    return pd.read_sql_query(sql, database, **parse)


def completeness(database: sqlite3.Connection) -> pd.DataFrame:
    """The share of declared posts and comments that is stored, by profile."""
    frame = read(database, "select * from completeness_by_profile")
    declared = frame[["posts_declared", "comments_declared"]].astype(float)
    declared = declared.where(declared > 0)
    frame["posts_share"] = (frame["posts_stored"] / declared["posts_declared"]).clip(upper=1)
    frame["comments_share"] = 1 - frame["comments_missing"].astype(float) / declared["comments_declared"]
    return frame[["network", "profile_username", "posts_share", "comments_share", "posts_unread"]]


def followers(database: sqlite3.Connection) -> pd.DataFrame:
    """Followers as a table of days by profiles; a day without a look has the value of the last one before."""
    frame = read(
        database,
        """
        select network || ':' || coalesce(profile_username, subject_id) as profile, day, value
        from daily_growth where subject = 'profile' and name = 'followers_count'
        """,
        parse_dates=["day"],
    )
    return frame.pivot(index="day", columns="profile", values="value").asfreq("D").ffill()


def rhythm(database: sqlite3.Connection) -> pd.DataFrame:
    """Posts by weekday (1 is Monday) and hour, both UTC."""
    frame = read(database, "select weekday, hour, posts from posting_rhythm")
    table = frame.pivot_table(index="weekday", columns="hour", values="posts", aggfunc="sum")
    return table.reindex(index=range(1, 8), columns=range(24)).fillna(0).astype(int)


def movers(database: sqlite3.Connection) -> pd.DataFrame:
    """Whose followers moved most in a week."""
    return read(
        database,
        """
        select network, profile_username, from_value, to_value, change, ratio from top_movers
        where subject = 'profile' and name = 'followers_count' and place <= 10 order by network, place
        """,
    )


def by_month(parquet: str) -> pd.DataFrame:
    """Posts and likes by month, from an export; DuckDB reads it column by column, however long it is."""
    import duckdb

    return duckdb.execute(
        """
        select network, date_trunc('month', created_at) as month, count(*) as posts, avg(like_count) as mean_likes
        from read_parquet(?) where created_at is not null group by all order by all
        """,
        [parquet],
    ).df()


def main(arguments: list[str]) -> None:
    path = Path(arguments[0] if arguments else "socsync.db")
    # Only to read: nothing here can change what was fetched.
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        for question in (completeness, followers, rhythm, movers):
            print(f"\n{question.__doc__}\n{question(database).to_string()}")
    if len(arguments) > 1:
        print(f"\n{by_month.__doc__}\n{by_month(arguments[1]).to_string()}")


if __name__ == "__main__":
    main(sys.argv[1:])
