using System.Buffers.Binary;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;
using L2tpd.Ppp;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.Unit.Tests.Linux;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>In which order the rates of an interface are set and changed, and what a kernel without the modules leads to.</summary>
public sealed class InterfaceRateTests
{
    private static readonly SessionRates _first = new(new RateLimit(1_000_000, 0), new RateLimit(2_000_000, 0));

    private readonly InterfaceRates _rates = new();

    [Fact]
    public void A_change_has_no_time_without_a_limit()
    {
        Assert.Equal("tbf fq_codel clsact filter1", Apply(_first));
        Assert.Equal("", Apply(_first));
        Assert.Equal("tbf", Apply(_first with { ToPeer = new RateLimit(3_000_000, 0) }));
        Assert.Equal("clsact filter2 -filter1", Apply(new SessionRates(new RateLimit(4_000_000, 0), new RateLimit(3_000_000, 0))));
        Assert.Equal("-tbf -filter2", Apply(SessionRates.None));
        Assert.Equal("clsact filter1", Apply(_first with { ToPeer = null }));
    }

    [Fact]
    public void A_missing_module_is_named_and_the_other_direction_limited()
    {
        Assert.Equal("tbf! clsact filter1 sch_tbf", Apply(_first, "tbf"));
        // The next change tries again.
        Assert.Equal("tbf fq_codel clsact filter2 -filter1", Apply(_first));
        var faster = _first with { FromPeer = new RateLimit(9_000_000, 0) };
        Assert.Equal("clsact! sch_ingress", Apply(faster, "clsact"));
        Assert.Equal("clsact filter1! cls_matchall or act_police", Apply(faster, "filter1"));
    }

    [Fact]
    public void A_kernel_without_any_of_them_has_both_named() =>
        Assert.Equal("tbf! clsact! sch_tbf, sch_ingress", Apply(_first, "tbf", "clsact"));

    /// <summary>What was asked of the kernel, with ! where it refused, then the modules that are said to be missing.</summary>
    private string Apply(SessionRates rates, params string[] refused)
    {
        var kernel = new ScriptedKernel();
        var asked = new List<string>();
        for (var i = 0; i < 20; i++)
            kernel.On(request => Answer(request, asked, refused));
        using var netlink = new RtNetlink(kernel);
        var error = _rates.Apply(netlink, "ppp0", rates, out var module);
        Assert.Equal(error.IsNone, module is null);
        return string.Join(' ', module is null ? asked : asked.Append(module));
    }

    private static byte[][] Answer(byte[] request, List<string> asked, string[] refused)
    {
        var type = BinaryPrimitives.ReadUInt16LittleEndian(request.AsSpan(4));
        if (type == 18)
            return [ScriptedKernel.Message(request, 16, 0, new byte[16]), ScriptedKernel.Ack(request, 0)];

        var what = type switch
        {
            36 => System.Text.Encoding.ASCII.GetString(request.AsSpan(40, BinaryPrimitives.ReadUInt16LittleEndian(request.AsSpan(36)) - 5)),
            37 => "-tbf",
            44 => $"filter{request[34]}",
            _ => $"-filter{request[34]}",
        };
        var isRefused = refused.Contains(what);
        asked.Add(isRefused ? what + "!" : what);
        return [ScriptedKernel.Ack(request, isRefused ? Errno.ENOENT : 0)];
    }
}
