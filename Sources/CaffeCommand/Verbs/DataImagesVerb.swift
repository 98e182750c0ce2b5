import ArgumentParser
import CaffeData

struct ImagesVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images", abstract: "Make a database of image files: Caffe's convert_imageset.",
    discussion: """
      A line of the list is a name, a space and a whole number as label. Images that cannot be read are named and passed over. \
      An encoded record holds the file as it is where its kind, channels and size are the wanted ones.

      Example: caffe data images photos/ train.txt train_lmdb --resize_height 256 --resize_width 256 --shuffle
      """)

  @Argument(help: "The folder that the list's names count from.") var root: String
  @Argument(help: "The list.") var list: String
  @Argument(help: "The database to write.") var database: String
  @Flag(help: "One channel instead of blue, green and red.") var gray = false
  @Flag(help: "Put the images into random order.") var shuffle = false
  @Option(help: "Another seed shuffles differently.") var seed: UInt64 = 1
  @OptionGroup var kind: DatabaseOptions
  @Option(name: .customLong("resize_width"), help: "The width of every picture; 0 leaves it.") var resizeWidth = 0
  @Option(name: .customLong("resize_height"), help: "The height of every picture; 0 leaves it.") var resizeHeight = 0
  @Flag(name: .customLong("check_size"), help: "End with an error unless all pictures have one size.") var checkSize = false
  @Flag(help: "Store encoded images rather than pixels.") var encoded = false
  @Option(name: .customLong("encode_type"), help: "What to encode as, jpg or png (implies --encoded); default: each file's kind.")
  var encodeType = ""
  @Flag(help: "Print what was written and what was passed over as JSON.") var json = false

  func validate() throws {
    if resizeWidth < 0 || resizeHeight < 0 || (resizeWidth == 0) != (resizeHeight == 0) {
      throw ValidationError("--resize_width and --resize_height go together, each at least 1")
    }
    if !encodeType.isEmpty, ImageKind(fileExtension: encodeType) == nil {
      throw ValidationError("--encode_type \(encodeType): it is jpg or png")
    }
  }

  func run() throws {
    let conversion = Conversion()
    try conversion.run("images") {
      let outcome = try DatabaseConversion.images(
        root: root, list: list, into: database, options: options,
        onSkip: { conversion.note("passed over: \($0.file): \($0.reason)") }, progress: $0, shouldStop: $1)
      if json { return try JSONOutput.print(outcome) }
      print("\(outcome.written) images written, \(outcome.skipped.count) passed over")
    }
  }

  private var options: DatabaseConversion.ImageOptions {
    var options = DatabaseConversion.ImageOptions()
    options.isGray = gray
    options.size = resizeWidth > 0 ? (height: resizeHeight, width: resizeWidth) : nil
    options.checksSize = checkSize
    options.encodeType = ImageKind(fileExtension: encodeType)
    options.isEncoded = encoded || options.encodeType != nil
    options.shuffleSeed = shuffle ? seed : nil
    options.backend = kind.backend
    return options
  }
}
