using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Qi.Actors.Hosting;

/// <summary>Spawns the registered actors when the host starts, and stops the system with it.</summary>
internal sealed class QiActorsHostedService(
    ActorSystem system,
    HostedActors actors,
    IServiceScopeFactory scopes,
    IOptions<HostOptions> hostOptions) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var actor in actors.All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await SpawnAsync(actor).ConfigureAwait(false);
        }
    }

    // A tenth of the host's time is left for whatever else it has to stop.
    public Task StopAsync(CancellationToken cancellationToken)
        => system.StopAsync(StopMode.Drain, hostOptions.Value.ShutdownTimeout * 0.9, cancellationToken);

    // The actor's services live as long as the actor.
    private async Task SpawnAsync(HostedActor actor)
    {
        var scope = scopes.CreateAsyncScope();
        try
        {
            var ended = actor.Factory(scope.ServiceProvider).StartIn(system, actor.Name, actor.Options);
            _ = DisposeAfterAsync(ended, scope);
        }
        catch
        {
            await scope.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task DisposeAfterAsync(Task ended, AsyncServiceScope scope)
    {
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await scope.DisposeAsync().ConfigureAwait(false);
    }
}
