// A nightly Azure Container Apps Job. The managed identity gets the Graph permissions
// that `authseed doctor --setup` lists; there is no secret. Exports, configuration and
// state lie on an Azure Files share that the environment knows as storageName.
//
//   az deployment group create --resource-group authseed --template-file job.bicep \
//     --parameters environmentName=... identityName=... image=... storageName=...

@description('The Container Apps environment, which is there already.')
param environmentName string

@description('The user-assigned managed identity, which is there already.')
param identityName string

@description('The image, by digest or version.')
param image string

@description('The storage of the environment with config.yaml, exports and state.')
param storageName string

param location string = resourceGroup().location

resource environment 'Microsoft.App/managedEnvironments@2024-03-01' existing = {
  name: environmentName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: identityName
}

resource job 'Microsoft.App/jobs@2024-03-01' = {
  name: 'authseed'
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    environmentId: environment.id
    configuration: {
      triggerType: 'Schedule'
      replicaTimeout: 21600
      // A run that left people open or was refused ends the same way again.
      replicaRetryLimit: 0
      scheduleTriggerConfig: {
        cronExpression: '30 2 * * *'
        parallelism: 1
        replicaCompletionCount: 1
      }
    }
    template: {
      containers: [
        {
          name: 'authseed'
          image: image
          args: ['sync', '--config', '/data/config.yaml']
          env: [
            { name: 'AUTHSEED_AUTH', value: 'managed-identity' }
            { name: 'AZURE_CLIENT_ID', value: identity.properties.clientId }
            { name: 'AUTHSEED_NO_INPUT', value: 'true' }
            { name: 'AUTHSEED_STATE_DIR', value: '/data/state' }
          ]
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          volumeMounts: [
            { volumeName: 'data', mountPath: '/data' }
          ]
        }
      ]
      volumes: [
        {
          name: 'data'
          storageType: 'AzureFile'
          storageName: storageName
          // The share belongs to root unless it is said whose it is.
          mountOptions: 'uid=65532,gid=65532,dir_mode=0700,file_mode=0600'
        }
      ]
    }
  }
}

output jobId string = job.id
