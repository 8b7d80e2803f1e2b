using System.Runtime.Versioning;
using L2tpd.Linux.Host;

namespace L2tpd.Linux.Tests;

/// <summary>What the operator reads when nft fails, with stand-ins for nft in front of PATH.</summary>
[SupportedOSPlatform("linux")]
public sealed class NftProgramTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-nft").FullName;
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");

    public NftProgramTests() => Environment.SetEnvironmentVariable("PATH", $"{_directory}:{_path}");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void An_nft_that_does_not_end_is_killed_and_reported()
    {
        StandIn($"echo $$ > {_directory}/pid; exec sleep 60");
        var error = NftProgram.Run("table inet nothing { }", "nat-zones", TimeSpan.FromMilliseconds(500));
        Assert.Equal("nft nat-zones: the program nft did not end in 0.5 s: " + Errno.Describe(Errno.ETIMEDOUT), error.ToString());
        var process = $"/proc/{File.ReadAllText($"{_directory}/pid").Trim()}";
        Assert.True(SpinWait.SpinUntil(() => !Directory.Exists(process), TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void What_nft_says_when_it_refuses_is_reported()
    {
        StandIn("cat > /dev/null; echo 'no such expression' >&2; exit 1");
        var error = NftProgram.Run("table inet nothing { }", "nat-zones");
        Assert.Equal(Errno.EINVAL, error.Errno);
        Assert.Equal("nat-zones: no such expression", error.What);
    }

    /// <summary>More than a pipe holds.</summary>
    [Theory]
    [InlineData("exec sleep 60", Errno.ETIMEDOUT, "nat-zones: the program nft did not end in 0.5 s")]
    [InlineData("echo 'no memory' >&2; exit 1", Errno.EINVAL, "nat-zones: no memory")]
    public void An_nft_that_does_not_read_its_script_holds_up_nobody(string script, int errno, string what)
    {
        StandIn(script);
        var error = NftProgram.Run(new string('#', 1_000_000), "nat-zones", TimeSpan.FromMilliseconds(500));
        Assert.Equal((errno, what), (error.Errno, error.What));
    }

    private void StandIn(string script)
    {
        var path = $"{_directory}/nft";
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
