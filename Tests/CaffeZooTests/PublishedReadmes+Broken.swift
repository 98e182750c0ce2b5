import CaffeZoo

/// Several weights in one directory, and what is no front matter at all.
extension PublishedReadmes {
  static let several: [Case] = [
    Case(
      "with repeated blocks",
      "---\nname: Nets\ncaffemodel: a.caffemodel\nsha1: \(sha1)\ncaffemodel: b.caffemodel\nsha1: \(otherSHA1)\nlicense: MIT\n---\n",
      [
        "5:13 warning: further weights are listed under more_weights"
      ]
    ) {
      $0.name = "Nets"
      $0.weights = [
        PublishedWeights(file: "a.caffemodel", sha1: sha1), PublishedWeights(file: "b.caffemodel", sha1: otherSHA1),
      ]
      $0.license = "MIT"
    },
    Case(
      "with repeated keys side by side",
      "---\nname: Nets\ncaffemodel: a.caffemodel\ncaffemodel: b.caffemodel\ncaffemodel_url: http://h/a\ncaffemodel_url: http://h/b\nlicense: MIT\n---\n",
      [
        "4:13 warning: further weights are listed under more_weights"
      ]
    ) {
      $0.name = "Nets"
      $0.weights = [
        PublishedWeights(file: "a.caffemodel", url: "http://h/a"), PublishedWeights(file: "b.caffemodel", url: "http://h/b"),
      ]
      $0.license = "MIT"
    },
    Case(
      "with lists",
      "---\nname: Nets\ncaffemodel: [a.caffemodel, b.caffemodel]\ncaffemodel_url:\n  - http://h/a\n  - http://h/b\nlicense: MIT\n---\n",
      [
        "3:13 warning: further weights are listed under more_weights"
      ]
    ) {
      $0.name = "Nets"
      $0.weights = [
        PublishedWeights(file: "a.caffemodel", url: "http://h/a"), PublishedWeights(file: "b.caffemodel", url: "http://h/b"),
      ]
      $0.license = "MIT"
    },
    Case(
      "with several addresses for one file",
      "---\nname: Net\ncaffemodel: a.caffemodel\ncaffemodel_url: [http://h/a, http://i/a]\nlicense: MIT\n---\n"
    ) {
      $0.name = "Net"
      var weights = PublishedWeights(file: "a.caffemodel", url: "http://h/a")
      weights.mirrors = ["http://i/a"]
      $0.weights = [weights]
      $0.license = "MIT"
    },
    Case(
      "with numbers",
      "---\nname: Nets\ncaffemodel: a.caffemodel\ncaffemodel_url: http://h/a\ncaffemodel_2: b.caffemodel\ncaffemodel_2_url: http://h/b\nsha1_2: \(sha1)\ncaffemodel_url_fc: http://h/c.caffemodel\ncaffemodel_fc: c.caffemodel\nlicense: MIT\n---\n",
      [
        "5:15 warning: further weights are listed under more_weights"
      ]
    ) {
      $0.name = "Nets"
      $0.weights = [
        PublishedWeights(file: "a.caffemodel", url: "http://h/a"),
        PublishedWeights(file: "b.caffemodel", url: "http://h/b", sha1: sha1),
        PublishedWeights(file: "c.caffemodel", url: "http://h/c.caffemodel"),
      ]
      $0.license = "MIT"
    },
    Case(
      "with names on a line", "---\nname: Nets\ncaffemodel: a.caffemodel, b.caffemodel\nlicense: MIT\n---\n",
      [
        "3:13 warning: further weights are listed under more_weights"
      ]
    ) {
      $0.name = "Nets"
      $0.weights = [PublishedWeights(file: "a.caffemodel"), PublishedWeights(file: "b.caffemodel")]
      $0.license = "MIT"
    },
  ]

  static let broken: [Case] = [
    Case(
      "with nothing in it", "---\n---\n",
      [
        "1:1 error: there is no name",
        "1:1 error: there is no caffemodel",
        "1:1 error: there is no license",
      ]
    ) { _ in },
    Case(
      "with empty keys", "---\nname:\ncaffemodel: \nlicense: ~\n---\n",
      [
        "2:6 error: name has no value",
        "3:12 error: caffemodel has no value",
        "4:10 error: license has no value",
      ]
    ) { _ in },
    Case(
      "with values of the wrong kind",
      "---\nname: [a]\ncaffemodel: ../../.ssh/key\nlicense: MIT\nsha1: 123\nsize: big\ngist_id: abc\npreprocessing: {crop: -1, mean: [a], resize: 0, colour: red}\nverify: [{input: a.png}, cat]\n---\n",
      [
        "2:7 error: name is one value, not a collection",
        "3:13 error: caffemodel: the file name \"../../.ssh/key\" leads to another directory",
        "5:7 error: sha1 has 40 hexadecimal digits; this is \"123\"",
        "6:7 error: size is a whole number above 0, not \"big\"",
        "7:10 error: gist_id is 20 or 32 hexadecimal digits; this is \"abc\"",
        "8:23 error: crop is a whole number above 0, not \"-1\"",
        "8:33 error: mean is a number, or one per channel: [104, 117, 123]",
        "8:46 error: resize is [height, width] in pixels",
        "8:49 warning: preprocessing has no key \"colour\"; it is left out",
        "9:10 error: this case has no answers",
        "9:26 error: verify is written as a list of maps with input, top, tolerance",
      ]
    ) {
      $0.license = "MIT"
      $0.gistID = "abc"
    },
    Case(
      "with an address only", "---\nname: Net\ncaffemodel_url: http://h/a.caffemodel\nlicense: MIT\n---\n",
      [
        "3:17 error: there is no caffemodel for this address; \"a.caffemodel\" is read"
      ]
    ) {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel", url: "http://h/a.caffemodel")]
      $0.license = "MIT"
    },
    Case(
      "with a bomb under one key", "---\nname: Net\ncaffemodel: a.caffemodel\nlicense: MIT\nx: &x [a, a]\ny: [*x, *x]\n---\n",
      [
        "5:4 error: anchors (&name) are not read here",
        "6:5 error: aliases (*name) are not read here",
      ]
    ) {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "MIT"
    },
    Case(
      "with an escape sequence", "---\nname: Net\u{1B}[2J\ncaffemodel: a.caffemodel\nlicense: MIT\n---\n",
      [
        "2:1 warning: control characters are read as blanks"
      ]
    ) {
      $0.name = "Net [2J"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "MIT"
    },
    Case(
      "that is no YAML at all",
      "---\nThis net was made by us.\nname: Net\n# a comment\ncaffemodel: a.caffemodel\nlicense: MIT\n---\n",
      [
        "2:1 warning: this line is no `key: value`; it is left out"
      ]
    ) {
      $0.name = "Net"
      $0.weights = [PublishedWeights(file: "a.caffemodel")]
      $0.license = "MIT"
    },
  ]
}
