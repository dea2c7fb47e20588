# One arm of 25 with one interim look after 13, simulated the way rpact publishes: getDesignGroupSequential, getSimulationRates.
# One-sided 5 %, O'Brien-Fleming, null rate 20 %, true rate as given; stops for futility where the statistic is at most 0.
# Rscript single_arm_rpact.R TRIALS SEED RATE

suppressMessages(library(rpact))
arguments <- as.numeric(commandArgs(trailingOnly = TRUE))
trials <- arguments[1]
true_rate <- arguments[3]

design <- getDesignGroupSequential(
  kMax = 2, alpha = 0.05, sided = 1, informationRates = c(13, 25) / 25, typeOfDesign = "OF", futilityBounds = 0
)

began <- proc.time()
found <- getSimulationRates(
  design, groups = 1, thetaH0 = 0.2, pi1 = true_rate, plannedSubjects = c(13, 25),
  maxNumberOfIterations = trials, seed = arguments[2]
)
spent <- proc.time() - began
seconds <- sum(spent[c("user.self", "sys.self")])

cat("rate", trials / seconds, "\n")
cat("mean", format(found$overallReject, digits = 15), "\n")
cat("error", sqrt(found$overallReject * (1 - found$overallReject) / trials), "\n")
cat("critical", format(design$criticalValues, digits = 15), "\n")
cat("reject", format(found$rejectPerStage, digits = 15), "\n")
cat("futility", format(found$futilityStop, digits = 15), "\n")
cat("participants", format(found$expectedNumberOfSubjects, digits = 15), "\n")
cat("R", paste(R.version$major, R.version$minor, sep = "."), "\n")
cat("rpact", format(packageVersion("rpact")), "\n")
