# Weekly titration (the model behind oracle_titration.csv, row "seed_simple"), all participants of many trials at once,
# week by week; only those still on drug draw. Chunks of 400 trials (10,000 participants), which the processor's cache holds,
# were the quickest of 100, 400, 2,000 and 20,000.
# Rscript titration_vectorised.R TRIALS SEED

arguments <- as.numeric(commandArgs(trailingOnly = TRUE))
trials <- arguments[1]
set.seed(arguments[2])
chunk <- if (length(arguments) > 2) arguments[3] else 400

participants <- 25L
weeks <- 12L
prevalence_b <- 0.4
response <- c(0.02, 0.05, 0.09, 0.13, 0.01, 0.02, 0.035, 0.05)  # subtype A at 100 to 400 mg, then B

many_trials <- function(count) {
  n <- count * participants
  row <- ifelse(runif(n) < prevalence_b, 4L, 0L)
  responded <- logical(n)
  active <- seq_len(n)
  for (week in seq_len(weeks)) {
    level <- min(week, 4L)  # without events or drop-out everybody still on drug is at one level
    hit <- runif(length(active)) < response[row[active] + level]
    responded[active[hit]] <- TRUE
    active <- active[!hit]
  }
  colSums(matrix(responded, nrow = participants))
}

warm <- many_trials(chunk)
began <- proc.time()
responders <- unlist(lapply(seq_len(ceiling(trials / chunk)), function(part) many_trials(chunk)))
spent <- proc.time() - began
seconds <- sum(spent[c("user.self", "sys.self")])

cat("rate", length(responders) / seconds, "\n")
cat("mean", mean(responders), "\n")
cat("error", sd(responders) / sqrt(length(responders)), "\n")
cat("R", paste(R.version$major, R.version$minor, sep = "."), "\n")
