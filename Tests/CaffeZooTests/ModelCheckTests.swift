import Caffe
import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeZoo
import Foundation
import Testing

@Suite("The check of a model's directory")
struct ModelCheckTests {
  /// The repository's root.
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  private static func options() -> NetOptions {
    var options = NetOptions()
    options.engine = .reference
    options.threads = 1
    return options
  }

  @Test(
    "finds no errors and no warnings in the bundled ones",
    arguments: ["bvlc_alexnet", "bvlc_googlenet", "bvlc_reference_caffenet", "bvlc_reference_rcnn_ilsvrc13", "lenet"])
  func bundled(name: String) throws {
    let check = try ModelCheck("\(Self.root)/models/\(name)", options: Self.options())
    let problems = check.problems()
    #expect(problems.filter { $0.severity != .note }.isEmpty, "\(problems)")
    let notes = name == "lenet" ? [] : ["\(name).caffemodel is not here, so it was not checked"]
    #expect(problems.map(\.message) == notes)
  }

  @Test("the bundled LeNet gives the answers it promises")
  func verifies() throws {
    #expect(try ModelCheck("\(Self.root)/models/lenet", options: Self.options()).verification().isEmpty)
  }

  @Test("the reference models keep the addresses and checksums of Caffe's zoo")
  func published() throws {
    let sums = [
      "bvlc_alexnet": "9116a64c0fbe4459d18f4bb6b56d647b63920377", "bvlc_googlenet": "405fc5acd08a3bb12de8ee5e23a96bec22f08204",
      "bvlc_reference_caffenet": "4c8d77deb20ea792f84eb5e6d0a11ca0a8660a46",
      "bvlc_reference_rcnn_ilsvrc13": "bdd8abb885819cba5e2fe1eb36235f2319477e64",
    ]
    for (name, sha1) in sums {
      let readme = try Readme(contentsOf: "\(Self.root)/models/\(name)/readme.md")
      let url = "http://dl.caffe.berkeleyvision.org/\(name).caffemodel"
      #expect(readme.frontMatter.weights == [PublishedWeights(file: "\(name).caffemodel", url: url, sha1: sha1)])
      #expect(readme.frontMatter.license == "unrestricted")
    }
  }

  /// A copy of LeNet's directory, removed at the end.
  private final class Copy {
    let path = FileManager.default.temporaryDirectory.appending(path: "caffe-zoo-\(UUID().uuidString)").path

    init() throws { try FileManager.default.copyItem(atPath: "\(ModelCheckTests.root)/models/lenet", toPath: path) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func replace(_ old: String, with new: String, in name: String) throws {
      let text = try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
      try #require(text.contains(old))
      try text.replacingOccurrences(of: old, with: new).write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

    /// `file:line severity: message  hint`, without the directory.
    func problems(running: Bool = false) throws -> [String] {
      let check = try ModelCheck(path, options: ModelCheckTests.options())
      let found = running ? check.verification() : check.problems()
      return found.map { problem in
        let place = problem.location.map { "\($0.file.name):\($0.line) " } ?? ""
        let hint = problem.hint.map { "  \($0)" } ?? ""
        return "\(place)\(problem.severity.rawValue): \(problem.message)\(hint)".replacingOccurrences(of: path, with: "DIR")
      }
    }
  }

  /// One thing changed in LeNet's directory, and everything that is told then.
  struct Change: Sendable, CustomTestStringConvertible {
    let file: String
    let old: String
    let new: String
    let problems: [String]
    var testDescription: String { "\(old) → \(new)" }

    init(in file: String = "readme.md", _ old: String, _ new: String, _ problems: String...) {
      (self.file, self.old, self.new, self.problems) = (file, old, new, problems)
    }
  }

  static let changes: [Change] = [
    Change("name: LeNet on MNIST\n", "", "DIR/readme.md:1 error: there is no name  write name: what people call the model"),
    Change(
      "sha1: d6", "sha1: e6",
      "DIR/readme.md:5 error: sha1 is not that of lenet.caffemodel, which has d6273ebbfa87c24843e17e500be41fa1e7630147  write sha1: d6273ebbfa87c24843e17e500be41fa1e7630147, if the file is the right one"
    ),
    Change(
      "sha256: f3", "sha256: 03",
      "DIR/readme.md:6 error: sha256 is not that of lenet.caffemodel, which has f3653a5ffecc9bf048f8a9b5799795784ce6d377691605ff820fbd0a43285a5f  write sha256: f3653a5ffecc9bf048f8a9b5799795784ce6d377691605ff820fbd0a43285a5f, if the file is the right one"
    ),
    Change(
      "size: 1724973", "size: 1724974",
      "DIR/readme.md:7 error: size is not that of lenet.caffemodel, which has 1724973  write size: 1724973, if the file is the right one"
    ),
    Change(
      "license: BSD-2-Clause", "license: BSD-2-Claus",
      "DIR/readme.md:8 warning: license \"BSD-2-Claus\" is neither an SPDX name nor a sentence  did you mean BSD-2-Clause?"),
    Change("license: BSD-2-Clause", "license: \"TODO: which?\"", "DIR/readme.md:8 error: license is not filled in"),
    Change(
      "Reads one handwritten", "TODO: what it does\nReads",
      "DIR/readme.md:24 error: this is not filled in  write it, or delete the line"),
    Change(
      "scale: 0.00390625", "scale: 0.5",
      "DIR/readme.md:9 error: scale is 0.5, but DIR/train_val.prototxt:33:3 has scale 0.00390625  write scale: 0.00390625"),
    Change(
      "scale: 0.00390625", "scale: 0.00390625\n  mean: 3",
      "DIR/readme.md:9 error: there is a mean, but DIR/train_val.prototxt:33:3 subtracts none"),
    Change("channel_order: gray", "channel_order: BGR", "DIR/readme.md:9 error: channel_order is BGR, but the net takes 1x28x28"),
    Change(
      "channel_order: gray", "crop: 24\n  resize: [20, 28]",
      "DIR/readme.md:9 error: crop is 24, but the net takes 1x28x28",
      "DIR/readme.md:9 error: pictures of 20x28 are smaller than the net's input 1x28x28",
      "DIR/readme.md:9 error: a crop of 24 pixels does not fit into 20x28"),
    Change(
      "labels: labels.txt", "labels: synsets.txt", "DIR/readme.md:12 error: labels \"synsets.txt\" is not in this directory"),
    Change(
      in: "labels.txt", "9\n", "9\nten\n",
      "DIR/readme.md:12 error: labels.txt names 11 classes, but the net puts out 10  one line per class, in their order"),
    Change(
      "input: seven.png", "input: 8.png",
      "DIR/readme.md:15 error: the input \"8.png\" is not in this directory  put it here; verify must work for everybody"),
    Change("label: \"7\"", "label: seven", "DIR/readme.md:15 error: seven.png: there is no class \"seven\""),
    Change(
      "task: classification", "caffe_commit: yesterday\ngist_id: abc",
      "DIR/readme.md:4 error: gist_id is 20 or 32 hexadecimal digits; this is \"abc\"",
      "DIR/readme.md:3 error: caffe_commit is a commit's 7 to 40 hexadecimal digits; this is \"yesterday\"  say other things in caffe_version"
    ),
    Change(
      "task: classification", "caffemodel_url: ftp://h/a\nmirrors: [https://u@h/a]",
      "DIR/readme.md:3 error: caffemodel_url: the address \"ftp://h/a\" is neither http nor https  write https://host/path",
      "DIR/readme.md:4 error: mirrors: the address \"https://u@h/a\" holds a name or a password  write https://host/path"),
    Change(
      in: "deploy.prototxt", "num_output: 500", "num_output: 400",
      "DIR/deploy.prototxt:70 error: layer \"ip1\" (InnerProduct), parameter 0: the net needs 400x800, the stored weights have 500x800  weights and net are not of one model",
      "DIR/deploy.prototxt:89 error: layer \"ip2\" (InnerProduct), parameter 0: the net needs 10x400, the stored weights have 10x500  weights and net are not of one model"
    ),
    Change(
      in: "deploy.prototxt", "name: \"ip2\"", "name: \"fc\"",
      "DIR/deploy.prototxt:89 error: layer \"fc\" has no weights in DIR/lenet.caffemodel  the names in net and weights must be the same",
      "DIR/readme.md:4 note: DIR/lenet.caffemodel has 1 layer(s) that the net for use lacks: \"ip2\""),
    Change(
      in: "deploy.prototxt", "bottom: \"ip2\"", "bottom: \"ip_2\"",
      "DIR/deploy.prototxt:104 error: layer \"prob\" (Softmax): bottom \"ip_2\" is not produced by an earlier layer  nearest blob: \"ip2\" (DIR/deploy.prototxt:92:8)",
      "DIR/train_val.prototxt:13 note: layer \"mnist\" (Data): its data is not here, so what comes after it was not checked",
      "DIR/train_val.prototxt:28 note: layer \"mnist\" (Data): its data is not here, so what comes after it was not checked"
    ),
    Change(
      in: "train_val.prototxt", "type: \"SoftmaxWithLoss\"", "type: \"SoftmaxLos\"",
      "DIR/train_val.prototxt:136 error: layer \"loss\": there is no layer type \"SoftmaxLos\"  did you mean \"Softmax\"?"),
    Change(
      in: "solver.prototxt", "lr_policy: \"inv\"", "lr_policy: \"inf\"",
      "DIR/solver.prototxt:9 error: there is no lr_policy \"inf\"; did you mean \"inv\"?"),
    Change(
      in: "solver.prototxt", "train_val.prototxt", "train.prototxt",
      "DIR/solver.prototxt:4 error: there is no file \"models/lenet/train.prototxt\""),
  ]

  private func expect(_ found: [String], _ expected: [String]) { #expect(found == expected) }

  @Test("tells each thing that is wrong, with its line", arguments: changes)
  func tells(change: Change) throws {
    let copy = try Copy()
    try copy.replace(change.old, with: change.new, in: change.file)
    expect(try copy.problems(), change.problems)
  }

  @Test("tells what is missing")
  func missing() throws {
    let copy = try Copy()
    try copy.remove("lenet.caffemodel")
    expect(
      try copy.problems(),
      [
        "DIR/readme.md:4 error: lenet.caffemodel is not here, and there is no caffemodel_url to fetch it from  put the file here, or write caffemodel_url"
      ])
    expect(
      try copy.problems(running: true),
      [
        "DIR/readme.md:15 error: lenet.caffemodel is not here, so nothing was run  caffe zoo download DIR fetches it"
      ])
    try copy.remove("deploy.prototxt")
    try copy.remove("readme.md")
    expect(
      try copy.problems(),
      [
        "error: DIR has no readme.md  write one, or begin with `caffe zoo new`, which writes it",
        "error: DIR has no deploy.prototxt  add the net for use: an Input layer, no losses",
        "DIR/train_val.prototxt:13 note: layer \"mnist\" (Data): its data is not here, so what comes after it was not checked",
        "DIR/train_val.prototxt:28 note: layer \"mnist\" (Data): its data is not here, so what comes after it was not checked",
      ])
    #expect(throws: FileError.self) { try ModelCheck(copy.path + "/absent") }
  }

  @Test("a run tells answers that are others than promised")
  func wrongAnswers() throws {
    let copy = try Copy()
    try copy.replace("score: 0.9937", with: "score: 0.9", in: "readme.md")
    expect(
      try copy.problems(running: true),
      [
        "DIR/readme.md:15 error: seven.png: answer 1 is \"7\" (0.9937), not \"7\" (0.9000 ± 0.01)"
      ])
    try copy.replace("label: \"7\"\n        score: 0.9", with: "label: \"1\"", in: "readme.md")
    expect(try copy.problems(running: true), ["DIR/readme.md:15 error: seven.png: answer 1 is \"7\" (0.9937), not \"1\""])
  }

  @Test("links that lead out of the directory are not followed")
  func links() throws {
    let copy = try Copy()
    try copy.remove("labels.txt")
    try FileManager.default.createSymbolicLink(atPath: "\(copy.path)/labels.txt", withDestinationPath: "/etc/passwd")
    expect(
      try copy.problems(),
      [
        "warning: DIR/labels.txt is a link that leads out of the directory; it is left out  put the file itself there",
        "DIR/readme.md:12 error: labels \"labels.txt\" is not in this directory",
      ])
    try FileManager.default.removeItem(atPath: "\(copy.path)/labels.txt")
    try FileManager.default.createSymbolicLink(atPath: "\(copy.path)/labels.txt", withDestinationPath: "deploy.prototxt")
    #expect(try ModelDirectory(copy.path)["labels.txt"] != nil)
  }
}
