-- Questions to a database of socsync, answered by its views: docs/database.md tells each column.
--   sqlite3 -readonly -box socsync.db < examples/analysis.sql
--   psql "$SOCSYNC_DB" -f examples/analysis.sql

-- What is missing: the profiles that lack most, posts first.
select network, profile_username, posts_declared, posts_stored, posts_missing, comments_declared, comments_stored, comments_missing
from completeness_by_profile
order by coalesce(posts_missing, 0) desc, coalesce(comments_missing, 0) desc, network, profile_id
limit 20;

-- The three newest posts of each profile.
select network, profile_username, place, created_at, kind, like_count, comments_count, view_count, permalink
from newest_posts
where place <= 3
order by network, profile_id, place
limit 60;

-- Followers, day by day.
select network, profile_username, day, value as followers, previous_day, change
from daily_growth
where subject = 'profile' and name = 'followers_count'
order by network, subject_id, day
limit 200;

-- Whose followers moved most in a week.
select network, profile_username, place, from_at, from_value, to_at, to_value, change, ratio
from top_movers
where subject = 'profile' and name = 'followers_count' and place <= 10
order by network, place;

-- Which posts were liked most anew in a week.
select moved.network, moved.profile_username, moved.place, moved.change as new_likes, moved.to_value as likes, posts.created_at, posts.permalink
from top_movers as moved
join posts on posts.network = moved.network and posts.id = moved.subject_id
where moved.subject = 'post' and moved.name = 'like_count' and moved.place <= 10
order by moved.network, moved.place;

-- The threads with the most replies, and by how many people.
select network, post_id, author_name, replies_stored, people, created_at, last_reply_at, content
from comment_threads
order by replies_stored desc, network, thread_id
limit 20;

-- At which hours (UTC) posts are published, and what came of them; means are weighed by the number of posts.
select network, hour, sum(posts) as posts, sum(posts * mean_likes) / sum(case when mean_likes is not null then posts end) as mean_likes
from posting_rhythm
group by network, hour
order by network, hour;

-- Engagement by kind of post.
select posts.network, posts.kind, count(*) as posts, avg(engagement.engagement) as mean_engagement
from engagement
join posts on posts.network = engagement.network and posts.id = engagement.post_id
where engagement.engagement is not null
group by posts.network, posts.kind
order by posts.network, posts.kind;

-- Who comments under most of the posts.
select network, author_id, max(author_name) as author_name, count(*) as comments, count(distinct post_id) as posts
from comments
where author_id is not null and missing_since is null
group by network, author_id
order by posts desc, comments desc, network, author_id
limit 20;
