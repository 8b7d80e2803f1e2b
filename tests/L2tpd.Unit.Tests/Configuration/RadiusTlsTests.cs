namespace L2tpd.Unit.Tests.Configuration;

/// <summary>The certificates of a RADIUS server with TLS.</summary>
public sealed class RadiusTlsTests
{
    private const string Text =
        "listen: 0.0.0.0\nradius: { servers: { a: { address: 10.0.0.1, transport: tls, tls: { ca: ca, certificate: c, key: k } } } }\n"
        + "peers: { p: { lns: { ppp: x } } }\n"
        + "ppp: { x: { backend: built-in, local: 10.0.0.1, pool: 10.1.0.0/24, auth: chap, access: radius } }\n";

    [Fact]
    public void The_name_of_the_server_is_its_address_unless_there_is_another()
    {
        using var files = Files();
        var result = files.Load();
        Assert.Empty(files.Lines(result.Errors));
        Assert.Equal("10.0.0.1", result.Configuration!.Radius!.Servers[0].Tls!.ServerName);
        Assert.Equal("radsec", result.Configuration.Radius.Servers[0].Secret.RevealText());
    }

    [Fact]
    public void A_renewed_certificate_is_another_content()
    {
        using var files = Files();
        var before = files.Load().Configuration!.Radius!;
        Assert.True(before.HasSameContent(files.Load().Configuration!.Radius!));
        using var authority = new TestCertificates();
        var (certificate, key) = authority.Issue("lns");
        files.Write("c", certificate);
        files.Write("k", key);
        Assert.False(before.HasSameContent(files.Load().Configuration!.Radius!));
    }

    [Theory]
    [InlineData("ca", null, "ca: cannot read ca: no such file")]
    [InlineData("k", null, "key: cannot read k: no such file")]
    [InlineData("ca", "not PEM", "ca: has no certificate in PEM form")]
    [InlineData("c", "not PEM", "certificate: this file and `ca` must have certificates in PEM form")]
    [InlineData("k", "not PEM", "key: is not the key of `certificate`: a private key without a password in PEM form")]
    public void A_file_that_cannot_be_used_is_named(string file, string? content, string expected)
    {
        using var files = Files();
        if (content is null)
            File.Delete(Path.Combine(files.Directory, file));
        else
            files.Write(file, content);
        Assert.EndsWith("radius.servers.a.tls." + expected, Assert.Single(files.Lines(files.Load().Errors)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_of_another_certificate_is_refused_and_one_that_all_can_read_is_warned_of()
    {
        using var files = Files();
        files.LetAllRead("k");
        Assert.Contains(files.Lines(files.Load().Warnings), static line => line.Contains("every user of the machine can read k"));
        using var authority = new TestCertificates();
        files.Write("k", authority.Issue("lns").Key);
        Assert.Contains("tls.key: is not the key of `certificate`", Assert.Single(files.Lines(files.Load().Errors)));
    }

    private static TemporaryConfiguration Files()
    {
        using var authority = new TestCertificates();
        var (certificate, key) = authority.Issue("lns");
        var files = new TemporaryConfiguration(Text);
        files.Write("ca", authority.Authority);
        files.Write("c", certificate);
        files.Write("k", key);
        return files;
    }
}
