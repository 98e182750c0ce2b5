/// What a model's `readme.md` says about it in its YAML front matter.
///
/// The keys `name`, `caffemodel`, `caffemodel_url`, `license`, `sha1`, `caffe_commit`, `caffe_version` and `gist_id` are those
/// of Caffe's model zoo; the others are additions that its scripts ignore.
public struct FrontMatter: Sendable, Equatable {
  /// `name`: what people call the model, in any words.
  public var name: String?
  /// `caffemodel`, `caffemodel_url`, `sha1`, `sha256`, `size`, `mirrors`: the weights, the main ones first. Those of the first
  /// file are keys of the front matter itself, where Caffe's scripts look for them; `more_weights` is a list of maps with the
  /// same keys, one for each further file.
  public var weights: [PublishedWeights] = []
  /// `license`: its name, or a sentence.
  public var license: String?
  /// `caffe_commit`: the Caffe that made the weights.
  public var caffeCommit: String?
  /// `caffe_version`: likewise.
  public var caffeVersion: String?
  /// `gist_id`: where the directory is published.
  public var gistID: String?
  /// `gist_revision`: the revision of the gist that holds these files.
  public var gistRevision: String?
  /// `task`: what the model does, for grouping: classification, detection, segmentation …
  public var task: String?
  /// `authors`.
  public var authors: [String] = []
  /// `preprocessing`: how a picture becomes the net's input.
  public var preprocessing: PublishedPreprocessing?
  /// `labels`: the file with the classes' names, one a line.
  public var labels: String?
  /// `metrics`: what was measured, a list of `name: value` in the order of the file.
  public var metrics: [PublishedMetric] = []
  /// `verify`: inputs and what the model must say about them, a list of maps with `input`, `top` (a list of `label` and
  /// `score`) and `tolerance`.
  public var verify: [VerifyCase] = []
  /// Keys that are none of these, with their values as text, in the order of the file.
  public var others: [OtherKey] = []

  public init() {}
}

/// A file of weights and where to get it.
public struct PublishedWeights: Sendable, Equatable {
  /// `caffemodel`: its name in the model's directory.
  public var file: String
  /// `caffemodel_url`.
  public var url: String?
  /// `mirrors`: other places with the same bytes, in the order they are tried.
  public var mirrors: [String] = []
  /// `sha1`: 40 hexadecimal digits, lower case.
  public var sha1: String?
  /// `sha256`: 64 hexadecimal digits, lower case.
  public var sha256: String?
  /// `size`: in bytes.
  public var size: Int?

  public init(file: String, url: String? = nil, sha1: String? = nil) {
    self.file = file
    self.url = url
    self.sha1 = sha1
  }
}

/// `preprocessing`: how a picture becomes the net's input. Values are 0 … 255 before the mean is subtracted.
public struct PublishedPreprocessing: Sendable, Equatable {
  /// The order of the input's channels.
  public enum ChannelOrder: String, Sendable {
    case bgr = "BGR"
    case rgb = "RGB"
    case gray
  }

  /// `resize`: H and W, in pixels, before the crop.
  public var resize: [Int]?
  /// `crop`: the side of the square taken from the middle, in pixels.
  public var crop: Int?
  /// `channel_order`: BGR when not given.
  public var channelOrder: ChannelOrder?
  /// `mean`: one number, or one per channel in the channels' order.
  public var mean: [Float] = []
  /// `mean_file`: a mean image (.binaryproto) in the model's directory.
  public var meanFile: String?
  /// `scale`: the factor on (pixel − mean).
  public var scale: Float?

  public init() {}
}

/// `metrics`: one thing measured, such as `top-1 accuracy: 57.4 %`.
public struct PublishedMetric: Sendable, Equatable {
  public var name: String
  public var value: String

  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// `verify`: an input of the model's directory and the answers the model must give to it.
public struct VerifyCase: Sendable, Equatable {
  /// An expected answer.
  public struct Answer: Sendable, Equatable {
    /// The class's label, or its number.
    public var label: String
    /// What the net must say, within the case's tolerance; nil when only the order counts.
    public var score: Float?

    public init(label: String, score: Float? = nil) {
      self.label = label
      self.score = score
    }
  }

  /// `input`: a picture in the model's directory.
  public var input: String
  /// `top`: the answers, best first.
  public var top: [Answer]
  /// `tolerance`: how far a score may be off.
  public var tolerance: Float = 0.01

  public init(input: String, top: [Answer]) {
    self.input = input
    self.top = top
  }
}

/// A key of the front matter that this program does not know.
public struct OtherKey: Sendable, Equatable {
  public var key: String
  /// The value as text: a scalar as it stands, anything else as YAML.
  public var value: String

  public init(key: String, value: String) {
    self.key = key
    self.value = value
  }
}
