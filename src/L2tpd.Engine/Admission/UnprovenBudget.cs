using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;

namespace L2tpd.Engine.Admission;

/// <summary>
/// The budget for unproven peers, beyond the SCCRP that every acceptable SCCRQ gets: tunnels for messages that do not prove the secret, and
/// refusals. It is charged neither for an SCCRQ nor for an SCCCN that proves the secret, so that nobody can exhaust a known peer by sending
/// from its address.
/// </summary>
internal sealed class UnprovenBudget(EngineContext context)
{
    private SourceRateLimiter _refusals = RefusalsOf(context.Configuration.Limits);
    private SourceRateLimiter _tunnelsOfSource = LimiterOf(context.Configuration.Limits);

    /// <summary>Separate from tunnels: the source of a refused SCCRQ may be forged, and must not exhaust what a tunnel needs.</summary>
    private SourceRateLimiter _refusalsOfSource = LimiterOf(context.Configuration.Limits);

    /// <summary>Takes changed limits. Unchanged limits keep what sources have used.</summary>
    public void Configure(EngineLimits former)
    {
        var limits = context.Configuration.Limits;
        if ((limits.SccrqRatePerSource, limits.SccrqBurstPerSource, limits.TrackedSources)
            != (former.SccrqRatePerSource, former.SccrqBurstPerSource, former.TrackedSources))
        {
            (_tunnelsOfSource, _refusalsOfSource) = (LimiterOf(limits), LimiterOf(limits));
        }

        if (limits.RefusalRate != former.RefusalRate)
            _refusals = RefusalsOf(limits);
    }

    /// <summary>Whether a tunnel may be made for a source that has proved only that it receives at its address.</summary>
    public bool AdmitsTunnel(Endpoint source) => Admits(_tunnelsOfSource, source);

    /// <summary>Whether a source is told why it gets no tunnel.</summary>
    public bool AdmitsRefusal(Endpoint source) => Admits(_refusalsOfSource, source) && Admits(_refusals, default);

    private bool Admits(SourceRateLimiter limiter, Endpoint source)
    {
        if (limiter.Admit(source, context.Now))
            return true;
        context.Counters.RateLimited++;
        return false;
    }

    private static SourceRateLimiter RefusalsOf(EngineLimits limits) => new(limits.RefusalRate, limits.RefusalRate, 1);

    private static SourceRateLimiter LimiterOf(EngineLimits limits) =>
        new(limits.SccrqRatePerSource, limits.SccrqBurstPerSource, limits.TrackedSources);
}
