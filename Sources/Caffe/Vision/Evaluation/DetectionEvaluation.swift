import CaffeCore
import CaffeData
import CaffeLayers
import CaffeTraining

/// How well objects were found: average precision of each class by the rules of PASCAL VOC (Everingham et al., IJCV 2010) and of COCO
/// (Lin et al., ECCV 2014).
public struct DetectionEvaluation: Sendable, Encodable {
  /// Average precisions, 0 to 1.
  public struct Precision: Sendable, Encodable {
    /// VOC 2007: eleven recalls, at one overlap.
    public var voc2007: Float
    /// VOC 2010 and later: the area under the curve, at one overlap.
    public var voc2012: Float
    /// COCO: the mean over the overlaps 0.5, 0.55 … 0.95.
    public var coco: Float
    /// COCO at an overlap of 0.5.
    public var coco50: Float
    /// COCO at an overlap of 0.75.
    public var coco75: Float
  }

  /// A class.
  public struct ClassResult: Sendable, Encodable {
    public let label: String
    /// Objects that count.
    public let objects: Int
    public let detections: Int
    public let precision: Precision
  }

  /// COCO looks at no more detections of a class in a picture.
  private static let cocoLimit = 100
  private static let cocoOverlaps = (0..<10).map { Float(50 + 5 * $0) / 100 }

  /// The classes in the order of their names.
  public let classes: [ClassResult]
  /// The mean over the classes that have objects.
  public let mean: Precision
  /// Detections in pictures that the truth does not name; they are not counted. A picture without objects is named by a truth
  /// without a class.
  public let strangers: Int

  /// - Parameters:
  ///   - overlap: intersection over union from which an object counts as found, for VOC's rules.
  ///   - records: pictures with what was found in them. A picture is that of the same path in the truth, else the only one where
  ///     one path is the end of the other.
  public init(truths: [ObjectTruth], records: [DetectionRecord], overlap: Float = 0.5) {
    let names = PictureNames(truths.map(\.picture))
    let truths = truths.filter { !$0.label.isEmpty }
    let known = Set(truths.map(\.label))
    var found: [String: [Found]] = [:]
    var strangers = 0
    for record in records {
      guard let picture = names[record.image] else {
        strangers += record.detections.count
        continue
      }
      for object in record.detections {
        let label = known.contains(object.label) || !known.contains("\(object.index)") ? object.label : "\(object.index)"
        found[label, default: []].append(Found(picture: picture, object: object))
      }
    }
    let sought = Dictionary(grouping: truths, by: \.label)
    classes = Set(sought.keys).union(found.keys).sorted().map { label in
      DetectionEvaluation.result(label, sought[label] ?? [], found[label] ?? [], overlap)
    }
    mean = DetectionEvaluation.mean(classes.filter { $0.objects > 0 }.map(\.precision))
    self.strangers = strangers
  }

  private struct Found {
    let picture: String
    let object: DetectionRecord.Object
  }

  private static func result(_ label: String, _ truths: [ObjectTruth], _ found: [Found], _ overlap: Float) -> ClassResult {
    let order = ranking(of: found.map(\.object.score)).map { found[$0] }
    let ranked = Dictionary(grouping: order, by: \.picture)
    let pictures = Dictionary(grouping: truths, by: \.picture)
    let objects = truths.count { !$0.isDifficult }
    let curves = ranked.mapValues { $0.map(\.object.window) }.map { picture, windows in
      (picture, DetectionMatching(windows, pictures[picture] ?? []))
    }
    let matchings = Dictionary(uniqueKeysWithValues: curves)
    func precision(_ version: AveragePrecision, _ rule: DetectionMatching.Rule, _ threshold: Float) -> Float {
      let limit = rule == .coco ? cocoLimit : Int.max
      return version(verdicts(order, matchings, rule, threshold, limit: limit), truths: objects)
    }
    let coco = cocoOverlaps.map { precision(.hundredAndOnePoint, .coco, $0) }
    let result = Precision(
      voc2007: precision(.elevenPoint, .voc, overlap), voc2012: precision(.maximumIntegral, .voc, overlap),
      coco: coco.reduce(0, +) / Float(coco.count), coco50: coco[0], coco75: coco[5])
    return ClassResult(label: label, objects: objects, detections: found.count, precision: result)
  }

  /// Whether each detection that counts is right, over all pictures, the best first.
  private static func verdicts(
    _ order: [Found], _ matchings: [String: DetectionMatching], _ rule: DetectionMatching.Rule, _ threshold: Float, limit: Int
  ) -> [Bool] {
    let verdicts = matchings.mapValues { $0.verdicts(rule, threshold: threshold) }
    var next: [String: Int] = [:]
    return order.compactMap { found in
      let place = next[found.picture, default: 0]
      next[found.picture] = place + 1
      guard place < limit, let verdict = verdicts[found.picture]?[place], verdict != .notCounted else { return nil }
      return verdict == .right
    }
  }

  private static func mean(_ all: [Precision]) -> Precision {
    func mean(_ part: (Precision) -> Float) -> Float { all.isEmpty ? 0 : all.map(part).reduce(0, +) / Float(all.count) }
    return Precision(
      voc2007: mean(\.voc2007), voc2012: mean(\.voc2012), coco: mean(\.coco), coco50: mean(\.coco50), coco75: mean(\.coco75))
  }
}

extension DetectionRecord.Object {
  fileprivate var window: PictureWindow { PictureWindow(minY: ymin, minX: xmin, maxY: ymax, maxX: xmax) }
}
