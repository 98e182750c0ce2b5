import CaffeZoo

/// Texts of the kinds found in gists and repositories of ten years, written for this test.
enum PublishedReadmes {
  typealias Case = PublishedReadmeTests.Case

  static let sha1 = "0123456789abcdef0123456789abcdef01234567"
  static let otherSHA1 = "89abcdef0123456789abcdef0123456789abcdef"
  static let gist = "0123456789abcdef0123"

  static let all: [Case] = wellFormed + misplaced + slips + several + broken

  static let wellFormed: [Case] = [
    Case(
      "as Caffe's documentation wants it",
      """
      ---
      name: Small Net
      caffemodel: small.caffemodel
      caffemodel_url: http://models.example.org/small.caffemodel
      license: unrestricted
      sha1: \(sha1)
      caffe_commit: 709dc15af4a06bebda027c1eb2b3f3e3375d5077
      gist_id: \(gist)
      ---

      # Small Net
      """
    ) {
      $0.name = "Small Net"
      $0.weights = [PublishedWeights(file: "small.caffemodel", url: "http://models.example.org/small.caffemodel", sha1: sha1)]
      $0.license = "unrestricted"
      $0.caffeCommit = "709dc15af4a06bebda027c1eb2b3f3e3375d5077"
      $0.gistID = gist
    },
    Case(
      "with every added key",
      """
      ---
      name: Small Net
      task: classification
      authors: [A. Person, "B: Person"]
      caffemodel: small.caffemodel
      mirrors:
        - https://a.example.org/small.caffemodel
        - https://b.example.org/small.caffemodel
      sha1: \(sha1)
      sha256: \(sha1)0123456789abcdef01234567
      size: 1725006
      more_weights:
        - caffemodel: small_2.caffemodel
          size: 7
      license: MIT
      caffe_version: 1.0
      gist_id: \(gist)
      gist_revision: \(otherSHA1)
      preprocessing:
        resize: [256, 320]
        crop: 224
        channel_order: RGB
        mean: [104, 117.5, 123]
        scale: 0.017
      labels: labels.txt
      metrics:
        - top-1 accuracy: 57.4 %
        - "loss: total": 1.2
      verify:
        - input: cat.jpg
          top:
            - {label: tabby, score: 0.3}
            - label: 282
          tolerance: 0.02
      ---
      """
    ) {
      $0.name = "Small Net"
      $0.task = "classification"
      $0.authors = ["A. Person", "B: Person"]
      var weights = PublishedWeights(file: "small.caffemodel", sha1: sha1)
      weights.mirrors = ["https://a.example.org/small.caffemodel", "https://b.example.org/small.caffemodel"]
      weights.sha256 = sha1 + "0123456789abcdef01234567"
      weights.size = 1_725_006
      var second = PublishedWeights(file: "small_2.caffemodel")
      second.size = 7
      $0.weights = [weights, second]
      $0.license = "MIT"
      $0.caffeVersion = "1.0"
      $0.gistID = gist
      $0.gistRevision = otherSHA1
      var preprocessing = PublishedPreprocessing()
      preprocessing.resize = [256, 320]
      preprocessing.crop = 224
      preprocessing.channelOrder = .rgb
      preprocessing.mean = [104, 117.5, 123]
      preprocessing.scale = 0.017
      $0.preprocessing = preprocessing
      $0.labels = "labels.txt"
      $0.metrics = [PublishedMetric(name: "top-1 accuracy", value: "57.4 %"), PublishedMetric(name: "loss: total", value: "1.2")]
      var verify = VerifyCase(input: "cat.jpg", top: [.init(label: "tabby", score: 0.3), .init(label: "282")])
      verify.tolerance = 0.02
      $0.verify = [verify]
    },
    Case(
      "with keys of its own",
      """
      ---
      name: Age Net
      caffemodel: age.caffemodel
      license: for research only
      mean_file_proto: mean.binaryproto
      input: {width: 227, names: ["a: b", 7]}
      ---
      """
    ) {
      $0.name = "Age Net"
      $0.weights = [PublishedWeights(file: "age.caffemodel")]
      $0.license = "for research only"
      $0.others = [
        OtherKey(key: "mean_file_proto", value: "mean.binaryproto"),
        OtherKey(key: "input", value: "width: 227\nnames:\n  - \"a: b\"\n  - 7"),
      ]
    },
  ]

  static let misplaced: [Case] = [
    Case(
      "without its marks, under a heading, with unquoted colons and quotes",
      """
      ## Information

      name: 16-layer net from the report: "Deep Nets for Pictures"

      caffemodel: REPORT_16_layers

      caffemodel_url: http://www.example.ac.uk/nets/REPORT_16_layers.caffemodel

      license: see http://www.example.ac.uk/nets/

      caffe_version: trained using a changed Caffe

      gist_id: \(gist)

      ## Description

      The net is described in: the report.
      """,
      [
        "3:1 warning: the front matter has no --- lines",
        "3:7 warning: the value of name is no YAML as it stands; it is read as text",
        "5:13 warning: caffemodel is a file's whole name; \"REPORT_16_layers.caffemodel\" is read",
      ]
    ) {
      $0.name = "16-layer net from the report: \"Deep Nets for Pictures\""
      $0.weights = [
        PublishedWeights(file: "REPORT_16_layers.caffemodel", url: "http://www.example.ac.uk/nets/REPORT_16_layers.caffemodel")
      ]
      $0.license = "see http://www.example.ac.uk/nets/"
      $0.caffeVersion = "trained using a changed Caffe"
      $0.gistID = gist
    },
    Case(
      "below a title", "# My net\n\n---\nname: Net\ncaffemodel: a.caffemodel\nlicense: MIT\n---\n\nText",
      [
        "3:1 warning: the front matter begins after other text"
      ]
    ) {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "MIT"
    },
    Case(
      "without an end", "---\nname: Net\ncaffemodel: a.caffemodel\nlicense: MIT\n\n# Title\n\nSome words: here.",
      [
        "1:1 error: the front matter is not closed"
      ]
    ) {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "MIT"
    },
    Case(
      "ended by dots", "\n---\nname: Net\ncaffemodel: a.caffemodel\nlicense: MIT\n...\nText",
      [
        "2:1 warning: the front matter begins after other text"
      ]
    ) {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "MIT"
    },
    Case(
      "as a list in bold", "# Net\n\n* **name**: Net\n* **caffemodel:** a.caffemodel\n* **License**: MIT\n\nMore text.",
      [
        "3:1 warning: the front matter has no --- lines",
        "3:1 warning: keys have neither bullets nor stars",
        "5:5 warning: the key \"License\" is read as license",
      ]
    ) {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "MIT"
    },
    Case(
      "in a block of code", "Info\n----\n```yaml\nname: Net\ncaffemodel: a.caffemodel\nlicense: MIT\n```\nText: more.",
      [
        "4:1 warning: the front matter has no --- lines"
      ]
    ) {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "MIT"
    },
    Case(
      "with the line ends and the byte order mark of Windows",
      "\u{FEFF}---\r\nname: Net\r\ncaffemodel: a.caffemodel\r\nlicense: MIT\r\n---\r\n",
      [
        "1:1 warning: the file begins with a byte order mark",
        "2:1 warning: lines end in CR and LF",
      ]
    ) {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "MIT"
    },
    Case(
      "in prose only", "# Net\n\nA note: this net is not published yet.\nname: Net\n\n- item: one\n",
      [
        "1:1 error: there is no front matter"
      ]
    ) { _ in },
  ]

  static let slips: [Case] = [
    Case(
      "with keys in other spellings",
      "---\nName: Net\nCaffemodel URL: http://h/a.caffemodel\ncaffemodel: a.caffemodel\nlicence: MIT\ngistid: \(gist)\n---\n",
      [
        "2:1 warning: the key \"Name\" is read as name",
        "3:1 warning: the key \"Caffemodel URL\" is read as caffemodel_url",
        "5:1 warning: the key \"licence\" is read as license",
        "6:1 warning: the key \"gistid\" is read as gist_id",
      ]
    ) {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel", url: "http://h/a.caffemodel")]
      $0.license = "MIT"
      $0.gistID = gist
    },
    Case(
      "with comments that are none", "---\nname: Net #3 of 4\ncaffemodel: a.caffemodel # the last\nlicense: 'a # b' # c\n---\n",
      [
        "2:7 warning: \" #\" begins a comment in YAML; the whole line is read"
      ]
    ) {
      $0.name = "Net #3 of 4"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "a # b"
    },
    Case(
      "with tabs", "---\nname:\tNet\n\tcaffemodel:\ta.caffemodel\nlicense: MIT\npreprocessing:\n\tcrop: 24\n---\n",
      [
        "3:1 warning: YAML has no tabs before a value's line"
      ]
    ) {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "MIT"
      var preprocessing = PublishedPreprocessing()
      preprocessing.crop = 24
      $0.preprocessing = preprocessing
    },
    Case("without blanks behind the colons", "---\nname:Net\ncaffemodel:a.caffemodel\nlicense:MIT\n---\n") {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "MIT"
    },
    Case(
      "with addresses in Markdown",
      "---\nname: Net\ncaffemodel: a.caffemodel\ncaffemodel_url: [here](http://h/a.caffemodel)\nmirrors: [<https://h/a>]\nlicense: MIT\n---\n",
      [
        "4:17 warning: the value of caffemodel_url is no YAML as it stands; it is read as text",
        "4:17 warning: an address stands by itself, without Markdown",
        "5:11 warning: an address stands by itself, without Markdown",
      ]
    ) {
      $0.name = "Net"
      var weights = PublishedWeights(file: "a.caffemodel", url: "http://h/a.caffemodel")
      weights.mirrors = ["https://h/a"]
      $0.weights = [weights]
      $0.license = "MIT"
    },
    Case(
      "with an address for a name",
      "---\nname: Net\ncaffemodel: https://h/x/a.caffemodel?dl=1\nlicense: MIT\nsha1: \(sha1.uppercased())\n---\n",
      [
        "3:13 warning: caffemodel is a file's name, not its address; \"a.caffemodel\" is read",
        "5:7 warning: sha1 is written in lower case",
      ]
    ) {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel", url: "https://h/x/a.caffemodel?dl=1", sha1: sha1)]
      $0.license = "MIT"
    },
    Case(
      "with a licence of several lines",
      "---\nname: Net\ncaffemodel: a.caffemodel\nlicense: research only: ask us\n  by mail\nfor more\nsha1: \(sha1)\n---\n",
      [
        "4:10 warning: the value of license is no YAML as it stands; it is read as text"
      ]
    ) {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel", sha1: sha1)]
      $0.license = "research only: ask us by mail for more"
    },
    Case(
      "with a quote in the middle of its text",
      "---\nname: \"Deep\" nets by O'Hara\ncaffemodel: a.caffemodel\nlicense: MIT\n---\n",
      [
        "2:7 warning: the value of name is no YAML as it stands; it is read as text"
      ]
    ) {
      $0.name = "\"Deep\" nets by O'Hara"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "MIT"
    },
    Case("with a key that slipped to the right", "---\nname: Net\n caffemodel: a.caffemodel\n license: MIT\n---\n") {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "MIT"
    },
    Case(
      "with a merge that was not settled",
      "---\nname: Net\n<<<<<<< HEAD\ncaffemodel: a.caffemodel\n=======\ncaffemodel: b.caffemodel\nsha1: \(sha1)\n>>>>>>> other\nlicense: MIT\n---\n",
      [
        "3:1 warning: a merge conflict was left here; the part before ======= is read"
      ]
    ) {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "MIT"
    },
    Case(
      "with a misspelt and a repeated key",
      "---\nname: Net\ncaffemodel: a.caffemodel\nlicens: GPL\nlicense: GPL\nlicense: MIT\n---\n",
      [
        "4:1 warning: there is no key \"licens\"; it is kept as it is",
        "6:1 warning: license stands here again; this one counts",
      ]
    ) {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "MIT"
      $0.others = [OtherKey(key: "licens", value: "GPL")]
    },
  ]
}
