import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeZoo

/// The beginning of a model's directory, made of a net and its weights: `caffe zoo new`.
public struct NewModel: Sendable {
  /// The net for use.
  public var deploy: String
  public var weights: String
  /// The nets it was trained with.
  public var training: String?
  public var solver: String?
  /// A file with the classes' names.
  public var labels: String?
  /// Pictures whose answers are recorded for `verify`.
  public var pictures: [String] = []
  /// What the author says already; weights, pre-processing, labels and `verify` are worked out.
  public var frontMatter = FrontMatter()
  /// Where the weights will be.
  public var url: String?
  public var options = NetOptions()

  public init(deploy: String, weights: String) {
    self.deploy = deploy
    self.weights = weights
  }

  /// Makes the directory. It appears whole or not at all.
  ///
  /// - Throws: `ZooError` when there is something at `path` already, `FileError`, or what reading the net and the weights throws.
  public func create(at path: String) throws {
    var trimmed = path
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    let draft = try DraftDirectory(for: trimmed)
    do {
      try fill(draft)
      try draft.commit()
    } catch {
      draft.abandon()
      throw error
    }
  }

  private func fill(_ draft: DraftDirectory) throws {
    try draft.copy(deploy, as: "deploy.prototxt")
    let file = try FileName(NewModel.name(of: weights), in: "--weights")
    try draft.copy(weights, as: file.description)
    if let training { try draft.copy(training, as: "train_val.prototxt") }
    if let solver { try draft.copy(solver, as: "solver.prototxt") }
    if let labels { try draft.copy(labels, as: "labels.txt") }
    var matter = frontMatter
    matter.name = matter.name ?? NewModel.name(of: draft.destination)
    matter.license = matter.license ?? "\(ReadmeTextCheck.placeholder): which licence?"
    matter.weights = [try published(draft.path(file.description), file)]
    matter.labels = labels == nil ? nil : "labels.txt"
    matter.preprocessing = try preprocessing(draft)
    try draft.write(ReadmeDraft.text(matter, hasTraining: training != nil), as: "readme.md")
    guard !pictures.isEmpty else { return }
    matter.verify = try verified(draft)
    try draft.write(ReadmeDraft.text(matter, hasTraining: training != nil), as: "readme.md")
  }

  private func published(_ path: String, _ file: FileName) throws -> PublishedWeights {
    let digest = try FileSums(contentsOf: path)
    var weights = PublishedWeights(file: file.description, url: url, sha1: digest.sha1)
    weights.sha256 = digest.sha256
    weights.size = digest.size
    return weights
  }

  /// What the training net's `transform_param` says, and the channels that the net for use takes.
  private func preprocessing(_ draft: DraftDirectory) throws -> PublishedPreprocessing? {
    let nets = NetsCheck(try ModelDirectory(draft.temporary), options: options)
    let shape = nets.deploy.flatMap { graph in graph.inputs.first.map { graph.shapes[$0] } }
    guard let shape, shape.rank == 4, [1, 3].contains(shape[1]) else { return nil }
    var result = PublishedPreprocessing()
    result.channelOrder = shape[1] == 1 ? .gray : .bgr
    guard let trained = nets.transform?.parameters else { return result }
    if trained.cropSize > 0 {
      let side = max(256, trained.cropSize)
      (result.resize, result.crop) = ([side, side], trained.cropSize)
    }
    result.mean = trained.meanValue
    if let file = trained.meanFile {
      let path = FilePlace(of: training).find(file)
      if path.hasSuffix(".binaryproto"), FilePlace.exists(path) {
        result.meanFile = "mean.binaryproto"
        try draft.copy(path, as: "mean.binaryproto")
      }
    }
    result.scale = trained.scale == 1 ? nil : trained.scale
    return result
  }

  /// The pictures with what the model says about them now.
  private func verified(_ draft: DraftDirectory) throws -> [VerifyCase] {
    let classifier = try Classifier(draft.temporary, options: options)
    return try pictures.map { picture in
      let name = try FileName(NewModel.name(of: picture), in: "--verify")
      try draft.copy(picture, as: name.description)
      let answers = try classifier.classify(draft.path(name.description), top: 3)
      return VerifyCase(input: name.description, top: answers.map { .init(label: $0.label, score: NewModel.rounded($0.score)) })
    }
  }

  /// To four digits behind the point, as `classify` prints.
  private static func rounded(_ score: Float) -> Float { Float(NumberText.fixed(Double(score), digits: 4)) ?? score }

  private static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
