import CaffeTraining
import Testing

@Suite("Ranks that differ")
struct RankDifferenceTests {
  /// What rank 0 says when the second rank has something else.
  private static func error(
    _ training: RankTraining, _ solver: @escaping @Sendable (RankTraining, any Communicator) throws -> Solver
  ) -> String? {
    let results = ThreadRanks.run(2) { ranks in _ = try solver(training, ranks) }
    guard case .failure(let error) = results[0] else { return nil }
    return "\(error)"
  }

  @Test("another net is named with its line")
  func net() throws {
    let training = try RankTraining(rows: 12)
    let error = Self.error(training) { training, ranks in
      let net = training.net(batch: 4)
      return try training.solver(
        "max_iter: 2", net: ranks.isFirst ? net : net.replacing("num_output: 3", with: "num_output: 4"), name: "s", ranks: ranks)
    }
    #expect(error?.contains("rank 1 () has another net than rank 0 (): line ") == true, "\(error ?? "")")
    #expect(error?.contains("\"num_output: 4\", not \"num_output: 3\"") == true, "\(error ?? "")")
  }

  @Test("so are other settings of the solver")
  func solver() throws {
    let training = try RankTraining(rows: 12)
    let error = Self.error(training) { training, ranks in
      try training.solver("max_iter: \(2 + ranks.rank)", net: training.net(batch: 4), name: "same", ranks: ranks)
    }
    #expect(error?.contains("rank 1 () has another solver than rank 0 (): line ") == true, "\(error ?? "")")
  }

  @Test("so are other data")
  func data() throws {
    let (training, other) = (try RankTraining(rows: 12), try RankTraining(rows: 13))
    let results = ThreadRanks.run(2) { ranks in
      let mine = try (ranks.isFirst ? training : other).solver(
        "max_iter: 2", net: training.net(batch: 4), name: "data\(ranks.rank)"
      ).net
      let theirs = try other.solver("max_iter: 2", net: other.net(batch: 4), name: "other\(ranks.rank)").net
      // The nets are one; what the second rank finds behind the same path is not.
      var job = JobFingerprint(host: "host\(ranks.rank)")
      job.add("data", ((ranks.isFirst ? mine : theirs).feed?.contents ?? []).joined(separator: "\n"))
      try job.compare(over: ranks)
    }
    guard case .failure(let error) = results[0] else {
      Issue.record("no error")
      return
    }
    #expect("\(error)" == "rank 1 (host1) has another data than rank 0 (host0): \"rows: 13 rows\", not \"rows: 12 rows\"")
    guard case .failure(let second) = results[1] else {
      Issue.record("no error")
      return
    }
    #expect("\(second)" == "the ranks differ, as rank 0 says")
  }

  @Test("an error on one rank ends the others")
  func failure() throws {
    let training = try RankTraining(rows: 12)
    let results = ThreadRanks.run(2) { ranks in
      let solver = try training.solver("max_iter: 9", net: training.net(batch: 4), name: "fails", ranks: ranks)
      solver.onStep = { step in if ranks.rank == 1, step.iteration == 2 { solver.net.session.weights.trained[0].data[0] = .nan } }
      try solver.step(9)
    }
    let errors = results.map { result -> String in
      if case .failure(let error) = result { "\(error)" } else { "none" }
    }
    #expect(errors[1].hasPrefix("iteration 2: the loss is nan"))
    #expect(errors[0].hasPrefix("rank 1: iteration 2: the loss is nan"))
  }
}
