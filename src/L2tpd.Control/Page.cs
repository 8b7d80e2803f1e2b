namespace L2tpd.Control;

/// <summary>One page of a list.</summary>
/// <param name="Items">At most <see cref="ControlRoutes.MaxPageSize"/> entries.</param>
/// <param name="Next">Pass as <c>after</c> for the next page; null: this was the last. Its form is the daemon's business.</param>
/// <remarks>
/// A list is a walk, not a snapshot: what starts or ends between two pages may be seen or not; what lives throughout is
/// seen exactly once.
/// </remarks>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next = null);
