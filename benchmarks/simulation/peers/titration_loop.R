# Weekly titration (the model behind oracle_titration.csv, row "seed_simple"), one participant and one week at a time.
# Rscript titration_loop.R TRIALS SEED

arguments <- as.numeric(commandArgs(trailingOnly = TRUE))
trials <- arguments[1]
set.seed(arguments[2])

participants <- 25L
weeks <- 12L
levels <- 4L
prevalence_b <- 0.4
response_a <- c(0.02, 0.05, 0.09, 0.13)
response_b <- c(0.01, 0.02, 0.035, 0.05)

one_trial <- function() {
  responders <- 0L
  for (participant in seq_len(participants)) {
    response <- if (runif(1) < prevalence_b) response_b else response_a
    level <- 1L
    for (week in seq_len(weeks)) {
      if (runif(1) < response[level]) {
        responders <- responders + 1L
        break
      }
      if (level < levels) level <- level + 1L
    }
  }
  responders
}

for (warm in 1:200) one_trial()

began <- proc.time()
responders <- numeric(trials)
for (trial in seq_len(trials)) responders[trial] <- one_trial()
spent <- proc.time() - began
seconds <- sum(spent[c("user.self", "sys.self")])

cat("rate", trials / seconds, "\n")
cat("mean", mean(responders), "\n")
cat("error", sd(responders) / sqrt(trials), "\n")
cat("R", paste(R.version$major, R.version$minor, sep = "."), "\n")
