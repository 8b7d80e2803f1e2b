using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;

namespace L2tpd.Engine.Admission;

/// <summary>
/// What is done for those who have proved nothing, beyond the SCCRP that every acceptable SCCRQ gets: a tunnel for a message that does not prove
/// the secret, and refusals. Never asked for an SCCRQ, nor for an SCCCN that proves the secret: so nobody can use up what a known peer needs by
/// sending from its address.
/// </summary>
internal sealed class UnprovenBudget(EngineContext context)
{
    private SourceRateLimiter _refusals = RefusalsOf(context.Configuration.Limits);
    private SourceRateLimiter _tunnelsOfSource = LimiterOf(context.Configuration.Limits);

    /// <summary>By itself: a refusal is sent for an SCCRQ, whose source may be forged, and must not use up what a tunnel needs.</summary>
    private SourceRateLimiter _refusalsOfSource = LimiterOf(context.Configuration.Limits);

    /// <summary>Other limits count from now on; where they are the same, what sources have used up stays so.</summary>
    public void Configure(EngineLimits former)
    {
        var limits = context.Configuration.Limits;
        if ((limits.SccrqRatePerSource, limits.SccrqBurstPerSource, limits.TrackedSources)
            != (former.SccrqRatePerSource, former.SccrqBurstPerSource, former.TrackedSources))
            (_tunnelsOfSource, _refusalsOfSource) = (LimiterOf(limits), LimiterOf(limits));
        if (limits.RefusalRate != former.RefusalRate)
            _refusals = RefusalsOf(limits);
    }

    /// <summary>Whether a tunnel may be made for a source that has shown no more than that it receives at its address.</summary>
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
