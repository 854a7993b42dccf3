# Reads a database of socsync with DBI and RSQLite.
#
#   install.packages(c("DBI", "RSQLite"))
#   Rscript examples/analysis.R socsync.db
#
# The views are told column by column in docs/database.md. Ids are text: keep them so, they are longer than a double is exact.

library(DBI)

arguments <- commandArgs(trailingOnly = TRUE)
path <- if (length(arguments) > 0) arguments[[1]] else "socsync.db"
# Only to read: nothing here can change what was fetched.
database <- dbConnect(RSQLite::SQLite(), path, flags = RSQLite::SQLITE_RO, bigint = "numeric")

# The share of declared posts that is stored, by profile.
completeness <- dbGetQuery(database, "select * from completeness_by_profile")
completeness$posts_share <- with(
  completeness,
  ifelse(posts_declared > 0, pmin(1, posts_stored / posts_declared), NA)
)
print(completeness[c("network", "profile_username", "posts_share", "comments_missing", "posts_unread")])

# Followers, day by day, and what they gained on an average day.
growth <- dbGetQuery(database, "
  select network, subject_id, profile_username, day, value, change from daily_growth
  where subject = 'profile' and name = 'followers_count' order by network, subject_id, day")
growth$day <- as.Date(growth$day)
gained <- do.call(rbind, lapply(split(growth, list(growth$network, growth$subject_id), drop = TRUE), function(one) {
  days <- as.numeric(diff(range(one$day)))
  data.frame(
    network = one$network[[1]],
    profile_username = one$profile_username[[1]],
    days = days,
    a_day = if (days > 0) sum(one$change, na.rm = TRUE) / days else NA
  )
}))
print(gained, row.names = FALSE)

# Posts by weekday (1 is Monday) and hour, both UTC.
rhythm <- dbGetQuery(database, "select weekday, hour, posts from posting_rhythm")
print(xtabs(posts ~ factor(weekday, levels = 1:7) + factor(hour, levels = 0:23), data = rhythm))

# The threads with the most replies, and by how many people.
print(dbGetQuery(database, "
  select network, author_name, replies_stored, people, content from comment_threads
  order by replies_stored desc, network, thread_id limit 10"))

dbDisconnect(database)
