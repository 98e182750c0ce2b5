/// What a line of a training log says; other lines give nil.
enum TrainingLogLine: Equatable {
  /// `Iteration 100 (812.3 iter/s, 0.123s/100 iters), loss = 0.31`
  case loss(iteration: Int, Double)
  /// `Iteration 100, lr = 0.01`
  case learningRate(iteration: Int, Double)
  /// `Iteration 100, Testing net (#0)`
  case test(net: Int, iteration: Int)
  /// `    Test net output #0: accuracy = 0.99`
  case testOutput(name: String, Double)
  /// `    Train net output #0: loss = 0.2 (* 1 = 0.2 loss)`
  case trainOutput(name: String, Double)

  /// The iteration that the line speaks of; nil for outputs, which belong to the line before.
  var iteration: Int? {
    switch self {
    case .loss(let iteration, _), .learningRate(let iteration, _), .test(_, let iteration): iteration
    case .testOutput, .trainOutput: nil
    }
  }

  init?(_ line: Substring) {
    let text = TrainingLogLine.withoutPrefix(line)
    if let rest = text.dropping(prefix: "Iteration ") {
      self.init(iteration: rest)
    } else if let rest = text.dropping(prefix: "Test net output #"), let output = TrainingLogLine.output(rest) {
      self = .testOutput(name: output.name, output.value)
    } else if let rest = text.dropping(prefix: "Train net output #"), let output = TrainingLogLine.output(rest) {
      self = .trainOutput(name: output.name, output.value)
    } else {
      return nil
    }
  }

  /// Reads what follows `Iteration `.
  private init?(iteration text: Substring) {
    guard let number = Int(text.prefix { $0.isNumber }) else { return nil }
    let rest = text.drop { $0.isNumber }
    if let value = rest.dropping(through: ", loss = ").flatMap(TrainingLogLine.number) {
      self = .loss(iteration: number, value)
    } else if let value = rest.dropping(prefix: ", lr = ").flatMap(TrainingLogLine.number) {
      self = .learningRate(iteration: number, value)
    } else if let net = rest.dropping(prefix: ", Testing net (#").flatMap({ Int($0.prefix { $0.isNumber }) }) {
      self = .test(net: net, iteration: number)
    } else {
      return nil
    }
  }

  /// Reads `0: accuracy = 0.99 …`.
  private static func output(_ text: Substring) -> (name: String, value: Double)? {
    guard let rest = text.drop(while: { $0.isNumber }).dropping(prefix: ": "), let value = rest.dropping(through: " = "),
      let number = number(value)
    else { return nil }
    return (String(rest.prefix(rest.count - value.count - " = ".count)), number)
  }

  private static func number(_ text: Substring) -> Double? { Double(text.prefix { !$0.isWhitespace && $0 != "," }) }

  /// The message without spaces before it and without `I0102 15:04:05.678901  1234 solver.cpp:218] `.
  private static func withoutPrefix(_ line: Substring) -> Substring {
    let message: Substring
    if let first = line.first, "IWEF".contains(first), line.dropFirst().prefix(4).allSatisfy(\.isNumber),
      let rest = line.dropping(through: "] ")
    {
      message = rest
    } else {
      message = line
    }
    return message.drop(while: \.isWhitespace)
  }
}

extension Substring {
  /// What follows a prefix; nil when the text does not begin with it.
  fileprivate func dropping(prefix: String) -> Substring? { hasPrefix(prefix) ? dropFirst(prefix.count) : nil }

  /// What follows the first place where `part` stands; nil when there is none.
  fileprivate func dropping(through part: String) -> Substring? {
    var rest = self
    while !rest.isEmpty {
      if rest.hasPrefix(part) { return rest.dropFirst(part.count) }
      rest = rest.dropFirst()
    }
    return nil
  }
}
