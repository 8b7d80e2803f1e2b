using System.Text.RegularExpressions;
using L2tpd.Configuration;
using L2tpd.Configuration.Yaml;
using L2tpd.Unit.Tests.Control;

namespace L2tpd.Unit.Tests.Configuration;

public sealed class MaskedYamlTests
{
    private const string Before = """
        # a comment with hunter2
        hooks: { session-up: [/usr/bin/notify, "a b", 'it''s "x"'] }
        peers:
          any:
            secret: hunter2
            prefixes: ["192.0.2.0/24", 2001:db8::/32]
          other: { secrets: [hunter2, "hunter3"], hide-avps: ~, quirks: [] }
        users:
          alice: { password: hunter2, password-file: /etc/alice, address: 10.0.0.7 }
          bob: { ipsec: { psk: { deep: [hunter2] } }, second-secret: hunter3, options: [password hunter2] }
        secrets-files: [/etc/l2tpd/chap-secrets]
        """;

    private const string After = """
        hooks:
          session-up:
            - "/usr/bin/notify"
            - "a b"
            - "it's \"x\""
        peers:
          any:
            secret: "***"
            prefixes:
              - 192.0.2.0/24
              - "2001:db8::/32"
          other:
            secrets:
              - "***"
              - "***"
            hide-avps: ~
            quirks: []
        users:
          alice:
            password: "***"
            password-file: "/etc/alice"
            address: 10.0.0.7
          bob:
            ipsec:
              psk:
                deep:
                  - "***"
            second-secret: "***"
            options:
              - "***"
        secrets-files:
          - "/etc/l2tpd/chap-secrets"

        """;

    [Fact]
    public void Values_of_keys_that_name_a_secret_are_replaced_and_the_text_reads_back()
    {
        var masked = MaskedYaml.Of(Read(Before));
        Assert.Equal(After, masked);
        Assert.DoesNotContain("hunter", masked);
        Assert.Equal(masked, MaskedYaml.Of(Read(masked)));
    }

    public static TheoryData<string> Examples() => [.. Directory.EnumerateFiles(
        Path.Combine(RepositoryFiles.Root, "config"), "*.yaml", SearchOption.AllDirectories)];

    /// <summary>The secrets are found with a pattern of their own, not with the list of the code under test.</summary>
    [Theory]
    [MemberData(nameof(Examples))]
    public void No_secret_of_an_example_appears(string file)
    {
        var text = File.ReadAllText(file);
        // prometheus' rules and other tools' files are not configurations of ours.
        if (!Regex.IsMatch(text, "(?m)^(peers|tunnels|listen|ppp|static-tunnels):"))
            return;
        var masked = MaskedYaml.Of(Read(text));
        Assert.NotEmpty(masked);
        var uncommented = Regex.Replace(text, "(?m)(^|\\s)#.*$", "");
        var secrets = Regex.Matches(uncommented, @"\b(?:secret|password|psk|second-secret): *(?:""([^""]+)""|([^\s,}\]]+))");
        foreach (Match match in secrets)
        {
            var secret = match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value;
            // A short one may be another word too, for example a user's name.
            if (secret.Length >= 8)
                Assert.DoesNotContain(secret, masked);
            Assert.DoesNotMatch($@"(?m)(secret|password|psk)[\w-]*: ""?{Regex.Escape(secret)}""?$", masked);
            Assert.True(masked.Contains("***", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("secret", true)]
    [InlineData("second-secret", true)]
    [InlineData("psk", true)]
    [InlineData("password", true)]
    [InlineData("secret-file", false)]
    [InlineData("password-credential", false)]
    [InlineData("secrets-files", false)]
    [InlineData("secretary", false)]
    [InlineData("user", false)]
    public void A_key_is_judged_by_its_words(string key, bool expected) => Assert.Equal(expected, MaskedYaml.IsSecret(key));

    private static MappingNode Read(string text)
    {
        var diagnostics = new Diagnostics();
        var root = YamlReader.Read("f", text, diagnostics);
        Assert.Empty(diagnostics.Errors);
        return root!;
    }
}
